"""A batch at a real API with its queue in memory: nothing is asked for twice, whatever happens in between."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.soundtrack import Output, Soundtrack, SoundtrackRequest
from service.batch.batch import Batch
from service.batch.client_remote import ClientRemote
from service.batch.journal import NAME, Entry, Journal
from service.batch.manifest import Manifest
from service.batch.patience import Patience, Refused, problem_at
from service.batch.remote import Limits, RemoteRunner
from service.batch.show import Silent
from service.batch.verdict import Judge
from service.client import AsyncTonereel
from service.client import Patience as ClientPatience
from service.errors import BadInput, ServiceError
from service.worker.problem import crashed
from tests.service.api.world import WAV, World, build
from tests.service.batch.conftest import Desk

ADDRESS = "http://test"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Watched:
    """The real client; a hook is called after each answer, and may end the process or refuse."""

    inner: ClientRemote
    hook: Callable[[str], None] = lambda call: None
    calls: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.inner.address

    async def upload(self, path: Path) -> str:
        upload = await self.inner.upload(path)
        self._after("upload")
        return upload

    async def submit(self, request: SoundtrackRequest, key: str) -> Soundtrack:
        job = await self.inner.submit(request, key)
        self._after("submit")
        return job

    async def look(self, job_id: str, *, wait_s: int) -> Soundtrack:
        job = await self.inner.look(job_id, wait_s=wait_s)
        self._after("look")
        return job

    async def fetch(self, output: Output, path: Path) -> None:
        await self.inner.fetch(output, path)
        self._after("fetch")

    def _after(self, call: str) -> None:
        self.calls.append(call)
        self.hook(call)


@dataclass
class Service:
    """A service with one worker that makes every job, and runs of a batch at it."""

    world: World
    desk: Desk
    loop: asyncio.Runner  # the queue in memory lives in one event loop
    made: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    fails: bool = False
    worker: asyncio.Task[None] | None = None  # goes on when a run is killed

    def run(self, hook: Callable[[str], None] = lambda call: None, **more: Any) -> tuple[Watched, int]:
        """One run of the process; returns its remote and exit code."""
        return self.loop.run(self._run(hook, **more))

    async def _run(
        self, hook: Callable[[str], None], *, api_key: str | None = None, patience_s: float = 300.0, in_flight: int = 1
    ) -> tuple[Watched, int]:
        self.worker = self.worker or asyncio.create_task(self._work())
        self.desk.out.mkdir(exist_ok=True)
        journal = Journal(self.desk.out)
        judge = Judge(journal, self.desk.out)
        batch = Batch(Manifest(self.desk.manifest), self.desk.out, journal, judge, Silent())
        transport = httpx.ASGITransport(app=self.world.app)
        async with AsyncTonereel(
            ADDRESS, api_key=api_key, transport=transport, patience=ClientPatience(tries=1)
        ) as client:
            remote = Watched(ClientRemote(client, ADDRESS), hook)
            patience = Patience(ADDRESS, patience_s, self._pause)
            runner = RemoteRunner(
                remote, journal, verdict_of=batch.verdict, limits=Limits(in_flight), patience=patience
            )
            try:
                await runner.run(batch.tasks(), batch)
            finally:
                batch.close()
        return remote, batch.counts.exit_code

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def _work(self) -> None:
        while True:
            for claim in await self.world.queue.claim("worker", most=1, wait_s=0.05):
                self.made.append(claim.job.request.metadata["item"])
                if self.fails:
                    await self.world.queue.fail(claim, crashed(), retry=False)
                else:
                    await self.world.make(b"music of " + self.made[-1].encode(), claim=claim)


@pytest.fixture
def service(desk: Desk) -> Iterator[Service]:
    """A service and an empty folder."""
    (desk.folder / "service").mkdir()
    with asyncio.Runner() as loop:
        yield Service(build(desk.folder / "service"), desk, loop)


def with_reference(desk: Desk, *ids: str) -> None:
    (desk.folder / "r.wav").write_bytes(WAV)
    desk.write(*({"id": id_, "caption": "calm", "reference": "r.wav", "duration_s": 5} for id_ in ids))


def test_results_come_to_the_same_places_as_those_that_are_made_here(service: Service) -> None:
    with_reference(service.desk, "a", "b")
    remote, code = service.run(in_flight=2)
    assert code == 0
    assert (service.desk.out / "a.wav").read_bytes() == b"music of a"
    assert (service.desk.out / "b.wav").read_bytes() == b"music of b"
    assert remote.calls.count("upload") == 1  # the same content is sent once
    again, code = service.run()
    assert (again.calls, code, sorted(service.made)) == ([], 0, ["a", "b"])


@pytest.mark.parametrize("call", ["upload", "submit", "look", "fetch"])
def test_a_run_that_is_killed_after_any_answer_makes_no_job_twice(service: Service, call: str) -> None:
    with_reference(service.desk, "a", "b")

    def kill(called: str) -> None:
        if called == call:
            raise Killed

    with pytest.raises(Killed):
        service.run(kill)
    _, code = service.run()
    assert code == 0
    assert sorted(service.made) == ["a", "b"]
    assert {"a.wav", "b.wav"} <= service.desk.files()


def test_a_failed_job_is_asked_for_anew_by_the_next_run(service: Service) -> None:
    with_reference(service.desk, "a")
    service.fails = True
    assert service.run()[1] == 4
    service.fails = False
    assert service.run()[1] == 0
    assert service.made == ["a", "a"]


def test_results_that_were_lost_here_are_fetched_and_not_made_again(service: Service) -> None:
    with_reference(service.desk, "a")
    service.run()
    (service.desk.out / "a.wav").unlink()
    assert service.run()[1] == 0
    assert ((service.desk.out / "a.wav").read_bytes(), service.made) == (b"music of a", ["a"])


def test_an_upload_that_is_no_longer_kept_is_sent_again(service: Service) -> None:
    with_reference(service.desk, "a")
    service.run()
    journal = service.desk.out / NAME
    sent, _ = journal.read_text(encoding="utf-8").splitlines()
    journal.write_text(sent.replace("upl_0", "upl_1") + "\n", encoding="utf-8")
    assert "upl_1" in journal.read_text(encoding="utf-8")
    remote, code = service.run()
    assert (code, remote.calls.count("upload")) == (0, 1)
    assert Journal(service.desk.out).last("a") is not None


def test_a_service_that_is_full_is_waited_for_as_it_says(service: Service) -> None:
    with_reference(service.desk, "a")
    refusals = [problem_at(429, "queue-full", "Full", "wait"), problem_at(503, "away", "Away", "wait")]

    def refuse(called: str) -> None:
        if called == "upload" and refusals:
            raise Refused(refusals.pop(0), 7.0)

    assert service.run(refuse)[1] == 0
    assert service.pauses == [7.0, 7.0]


def test_a_service_that_stays_away_ends_the_run_and_leaves_items_open(service: Service) -> None:
    with_reference(service.desk, "a", "b")

    def refuse(called: str) -> None:
        raise Refused(problem_at(503, "away", "Away", "no answer"))

    with pytest.raises(ServiceError, match="http://test: no answer; run the same command again later"):
        service.run(refuse, patience_s=60.0)
    assert 60 < sum(service.pauses) < 150
    assert Journal(service.desk.out).last("a") is None
    assert service.run()[1] == 0


def test_a_key_that_opens_nothing_ends_the_run(service: Service) -> None:
    service.world = build(service.desk.folder / "service", auth=True)
    service.desk.write({"id": "a", "caption": "calm"})
    with pytest.raises(BadInput, match="--api-key"):
        service.run(api_key="sk_wrong")


def test_what_a_service_does_not_take_fails_its_item_before_anything_is_sent(service: Service) -> None:
    (service.desk.folder / "own.sf2").write_bytes(b"RIFF\x00\x00\x00\x00sfbk")
    with_reference(service.desk, "b")
    line = service.desk.manifest.read_text(encoding="utf-8").strip()
    service.desk.write(
        {"id": "a", "caption": "c", "soundfont": "own.sf2"}, {"id": "t", "caption": "c", "takes": 9}, line
    )
    _, code = service.run()
    assert (code, service.made) == (3, ["b"])
    entries = [Journal(service.desk.out).last(id_) for id_ in ("a", "t")]
    details = [e.problem.detail for e in entries if isinstance(e, Entry) and e.problem]
    assert "remove soundfont" in details[0]
    assert "takes" in details[1]
