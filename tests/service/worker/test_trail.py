"""The trace of a request goes on in the worker that makes its job."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource
from service.ids import new_id
from service.jobs.port import Claim, JobRecord, NewJob
from service.observe.tracing import Span, Value
from service.worker.trail import Trail
from tests.service.worker.conftest import House, reach

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Noted:
    """A span that remembers."""

    name: str
    traceparent: str | None
    notes: dict[str, Value] = field(default_factory=dict)
    is_open: bool = True

    def note(self, name: str, value: Value) -> None:
        self.notes[name] = value


class Notebook:
    """Keeps spans in memory."""

    def __init__(self) -> None:
        self.spans: list[Noted] = []

    @contextmanager
    def span(self, name: str, *, parent: str | None = None) -> Iterator[Span]:
        span = Noted(name, parent)
        self.spans.append(span)
        try:
            yield span
        finally:
            span.is_open = False

    def close(self) -> None:
        """Everything is here."""


def a_claim(job_id: str) -> Claim:
    request = SoundtrackRequest(sources=(CaptionSource(text="calm"),))
    record = JobRecord(job_id, "t", "soundtrack", "running", request, "interactive", 0.0, attempt=2, trace=TRACE)
    return Claim(record, "token")


def test_spans_of_jobs_that_overlap_are_each_their_own() -> None:
    notebook = Notebook()
    first, second = Trail(notebook, a_claim("st_1")), Trail(notebook, a_claim("st_2"))
    first.close()
    first.close()
    assert [s.is_open for s in notebook.spans] == [False, True]
    second.close()
    assert [s.notes for s in notebook.spans] == [{"job.id": i, "job.attempt": 2} for i in ("st_1", "st_2")]


def test_a_job_is_a_span_of_its_requests_trace(house: House) -> None:
    notebook = Notebook()

    async def story() -> None:
        async with house.queue() as inside:
            ports = replace(house.ports(inside), tracing=notebook)
            async with house.worker(ports=ports), house.queue() as queue:
                request = SoundtrackRequest(sources=(CaptionSource(text="calm"),), duration_s=4.0)
                job = NewJob(new_id("st"), "tenant", "soundtrack", request, trace=TRACE)
                await queue.submit(job)
                assert (await reach(queue, job.id)).status == "succeeded"

    asyncio.run(story())
    (span,) = notebook.spans
    assert (span.name, span.traceparent, span.is_open) == ("make soundtrack", TRACE, False)
