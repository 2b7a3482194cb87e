"""Removes from the store what nobody can ask for any more."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from service.jobs.errors import UnknownJob
from service.jobs.port import JobQueue, JobRecord
from service.records.port import Records
from service.settings import Settings
from service.store.port import ArtifactStore, Stored
from service.worker.naming import JOBS, UPLOADS, attempt_prefix

SWEEP_EVERY_S = 600.0
UNCOMMITTED_S = 24 * 3600.0
MARK = "mark", "sweep"
log = logging.getLogger("tonereel.sweep")


@dataclass(frozen=True, slots=True)
class Swept:
    """How many objects were removed."""

    uploads: int = 0
    artifacts: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Objects under one prefix, and when the last of them was written."""

    prefix: str
    modified_at: float


class Sweep:
    """Goes through the store; of all workers one at a time does."""

    def __init__(
        self,
        jobs: JobQueue,
        store: ArtifactStore,
        records: Records,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs, self._store, self._records, self._settings, self._clock = jobs, store, records, settings, clock

    async def sweep_in_turn(self) -> Swept | None:
        """Sweep if no other worker has lately."""
        if not await self._records.take(*MARK, ttl_s=round(SWEEP_EVERY_S)):
            return None
        return await self.sweep()

    async def sweep(self) -> Swept:
        """Remove uploads past their time, files of jobs that are gone, and those of tries that came to nothing."""
        uploads, artifacts = 0, 0
        async for upload in _groups(self._store.list(UPLOADS), depth=2):
            if self._age_s(upload) > self._settings.upload_ttl_s:
                uploads += await self._store.delete(upload.prefix)
        async for attempt in _groups(self._store.list(JOBS), depth=3):
            if await self._is_nobodys(attempt):
                artifacts += await self._store.delete(attempt.prefix)
        if uploads or artifacts:
            log.info("swept %d objects of uploads and %d of jobs", uploads, artifacts)
        return Swept(uploads, artifacts)

    async def _is_nobodys(self, attempt: _Group) -> bool:
        age_s = self._age_s(attempt)
        job_id = attempt.prefix.split("/")[1]
        try:
            job = await self._jobs.get(job_id)
        except UnknownJob:
            return age_s > min(UNCOMMITTED_S, self._settings.job_ttl_s)
        return age_s > UNCOMMITTED_S and not _is_published(job, attempt.prefix)

    def _age_s(self, group: _Group) -> float:
        return self._clock() - group.modified_at


def _is_published(job: JobRecord, prefix: str) -> bool:
    """Whether a try is what the job came to, or may still come to."""
    is_current = prefix == attempt_prefix(job.id, job.attempt)
    return is_current and (job.status in {"queued", "running", "succeeded"})


async def _groups(objects: AsyncIterator[Stored], *, depth: int) -> AsyncIterator[_Group]:
    """Objects by the first `depth` parts of their keys; those of one group need not come together."""
    newest: dict[str, float] = {}
    async for stored in objects:
        parts = stored.key.split("/")
        if len(parts) > depth:
            prefix = "/".join(parts[:depth]) + "/"
            newest[prefix] = max(newest.get(prefix, 0.0), stored.modified_at)
    for prefix, modified_at in newest.items():
        yield _Group(prefix, modified_at)
