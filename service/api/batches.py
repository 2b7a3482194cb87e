"""Batches: up to a thousand requests at once; what cannot be accepted is told and never stops the rest."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import get_args

from pydantic import AwareDatetime

from schemas.base import WireModel
from schemas.problem import Problem
from schemas.soundtrack import Batch, BatchItem, JobStatus
from service.api.asking import Asking
from service.api.errors import ApiError
from service.api.parts import ApiParts
from service.api.problems import problem_of
from service.api.submission import Origin, new_job
from service.api.validation import validated
from service.errors import ServiceError
from service.ids import new_id
from service.jobs.errors import KeyInFlight, KeyReused, QueueUnavailable, UnknownJob
from service.records.port import Record, UnknownRecord

KIND, KEY_KIND = "batch", "batch_key"
MAX_ITEMS = 1_000
AT_ONCE = 16
RECORD_BYTES = 200_000  # a record holds 256 kB
ACCEPTING_S = 600


class BatchRecord(WireModel):
    """What is kept of a batch; how far it is stands in its jobs."""

    jobs: tuple[str, ...]
    refused: tuple[Problem, ...]
    created_at: AwareDatetime
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it came: its number from 1, and its value or what is wrong with its text."""

    number: int
    value: object = None
    error: ApiError | None = None


class Batches:
    """The batches of all tenants; each sees its own."""

    def __init__(self, parts: ApiParts, origin: Origin) -> None:
        self._parts, self._origin = parts, origin
        self._tenant = origin.caller.tenant

    async def accept(self, lines: Sequence[Line], body_sha256: str) -> tuple[Batch, bool]:
        """Accept what can be accepted; the second result is whether an earlier request had done so.

        Raises:
            ServiceError: nothing could be accepted; the first line's error.
            KeyReused, KeyInFlight: of the Idempotency-Key.
        """
        mark = self._mark()
        if mark is not None:
            before = await self._replayed(mark, body_sha256)
            if before is not None:
                return before, True
        id_ = new_id("bat")
        jobs, refused, first = await self._submit(id_, lines)
        if not jobs and first is not None:
            raise first
        record = BatchRecord(
            jobs=jobs, refused=_fitting(refused), created_at=datetime.now(UTC), body_sha256=body_sha256
        )
        await self._put(KIND, id_, record.model_dump_json())
        if mark is not None:
            await self._put(KEY_KIND, mark, f"{id_} {body_sha256}")
        counts = dict.fromkeys(get_args(JobStatus), 0) | {"queued": len(jobs)}
        return Batch(id=id_, jobs=jobs, counts=counts, refused=record.refused, created_at=record.created_at), False

    async def get(self, id_: str) -> Batch:
        """A batch and how far its jobs are; those no longer kept count as expired. Raises UnknownRecord."""
        record = BatchRecord.model_validate_json((await self._parts.records.get(KIND, id_, tenant=self._tenant)).body)
        counts = Counter(dict.fromkeys(get_args(JobStatus), 0))
        async for status in self._states(record.jobs):
            counts[status] += 1
        return Batch(
            id=id_, jobs=record.jobs, counts=dict(counts), refused=record.refused, created_at=record.created_at
        )

    async def _submit(
        self, batch: str, lines: Sequence[Line]
    ) -> tuple[tuple[str, ...], list[Problem], ServiceError | None]:
        """Submit line after line, so that jobs wait in the order of their lines."""
        jobs: list[str] = []
        refused: list[Problem] = []
        first: ServiceError | None = None
        for index, line in enumerate(lines):
            try:
                jobs.append(await self._submit_line(batch, line))
            except QueueUnavailable as exc:
                first = first or exc
                refused.extend(self._refusal(later, exc) for later in lines[index:])
                break  # asking a thousand times in vain would take a thousand time limits
            except ServiceError as exc:
                first = first or exc
                refused.append(self._refusal(line, exc))
        return tuple(jobs), refused, first

    async def _submit_line(self, batch: str, line: Line) -> str:
        if line.error is not None:
            raise line.error
        under = f"/items/{line.number - 1}"
        item = validated(BatchItem, line.value, under=under)
        request = item.request.model_copy(update={"priority": "batch"})
        asked = await Asking(self._parts, self._tenant).of_json(request.model_dump(), under=f"{under}/request")
        job = new_job(asked.request, "soundtrack", self._origin)
        job = replace(job, batch=batch, custom_id=item.custom_id)
        submitted = await self._parts.queue.submit(job, self._origin.once(asked.body_sha256, f" {line.number}"))
        return submitted.job_id

    def _refusal(self, line: Line, error: ServiceError) -> Problem:
        problem = problem_of(error, request_id=self._origin.request_id)
        return problem.model_copy(
            update={"instance": f"/items/{line.number - 1}", "detail": f"line {line.number}: {problem.detail[:300]}"}
        )

    async def _states(self, jobs: Iterable[str]) -> AsyncIterator[JobStatus]:
        async def status(job_id: str) -> JobStatus:
            async with gate:
                try:
                    return (await self._parts.queue.get(job_id)).status
                except UnknownJob:
                    return "expired"

        gate = asyncio.Semaphore(AT_ONCE)
        for found in await asyncio.gather(*map(status, jobs)):
            yield found

    def _mark(self) -> str | None:
        """The name of this request's Idempotency-Key among records."""
        key = self._origin.key
        return None if key is None else hashlib.sha256(f"{self._tenant}\0{key}".encode()).hexdigest()

    async def _replayed(self, mark: str, body_sha256: str) -> Batch | None:
        """The batch that the key made before; None for the first request with it."""
        if await self._parts.records.take(KEY_KIND, mark, ttl_s=ACCEPTING_S):
            with suppress(UnknownRecord):
                return await self._known(mark, body_sha256)
            return None
        try:
            return await self._known(mark, body_sha256)
        except UnknownRecord as exc:
            raise KeyInFlight("the first request with this Idempotency-Key is still being answered") from exc

    async def _known(self, mark: str, body_sha256: str) -> Batch:
        batch, _, sha256 = (await self._parts.records.get(KEY_KIND, mark, tenant=self._tenant)).body.partition(" ")
        if sha256 != body_sha256:
            raise KeyReused("this Idempotency-Key was used for another body; use a new key")
        return await self.get(batch)

    async def _put(self, kind: str, id_: str, text: str) -> None:
        settings = self._parts.settings
        ttl_s = settings.idempotency_ttl_s if kind == KEY_KIND else 2 * settings.job_ttl_s
        await self._parts.records.put(Record(kind, id_, self._tenant, text), ttl_s=ttl_s)


def _fitting(refused: Sequence[Problem]) -> tuple[Problem, ...]:
    """As many refusals as a record can hold, each with one error at most."""
    kept, used = [], 0
    for problem in refused:
        small = problem.model_copy(update={"errors": problem.errors[:1]})
        used += len(small.model_dump_json())
        if used > RECORD_BYTES:
            break
        kept.append(small)
    return tuple(kept)
