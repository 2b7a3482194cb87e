"""Ends jobs in the queue: publishes what they made, or says why there is nothing."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from schemas.problem import Problem
from schemas.soundtrack import Output
from service.jobs.errors import LostClaim, QueueUnavailable
from service.jobs.port import Claim, JobLeases, JobResult
from service.observe.metrics import Metrics
from service.store.port import ArtifactStore, StoreError, StoreUnavailable
from service.worker.naming import artifact_id, attempt_prefix, content_url, name_in
from service.worker.problem import problem_of
from service.worker.task import Made, Outcome

FIRST_PAUSE_S, MOST_PAUSE_S = 0.2, 5.0
STORE_PATIENCE_S = 60.0  # finished music is not thrown away for a store that is back within a minute
Result = TypeVar("Result")
log = logging.getLogger("tonereel.worker")


class Desk:
    """The last word on each claim. A claim that was lost meanwhile is only logged: its job is in other hands."""

    def __init__(
        self, leases: JobLeases, store: ArtifactStore, metrics: Metrics, *, attempts: int, patience_s: float
    ) -> None:
        self._leases, self._store, self._metrics = leases, store, metrics
        self._attempts, self._patience_s = attempts, patience_s

    async def end(self, claim: Claim, outcome: Outcome, folder: Path) -> None:
        """End a job with what the engine made of it; `folder` holds its files."""
        if outcome.problem is not None:
            await self.fail(claim, outcome.problem, retry=outcome.retry)
            return
        try:
            outputs = await self._upload(claim, outcome.made, folder)
        except (StoreError, OSError) as exc:
            await self.fail(claim, problem_of(exc, folder), retry=True)
            return
        result = JobResult(outputs, outcome.reports, outcome.cue_sheet, outcome.warnings)
        await self._publish(claim, result)

    async def fail(self, claim: Claim, problem: Problem, *, retry: bool) -> None:
        """End a try badly; with `retry` and tries left the job waits for its next one."""
        log.warning("%s failed: %s", claim.job.id, problem.detail, extra={**_names(claim), "code": problem.code})
        is_last = not retry or claim.attempt >= self._attempts
        if await self._say(claim, lambda: self._leases.fail(claim, problem, retry=retry)) and is_last:
            self._metrics.ended("failed", problem.code)

    async def cancel(self, claim: Claim) -> None:
        """End a job that was wanted no more."""
        if await self._say(claim, lambda: self._leases.cancelled(claim)):
            self._metrics.ended("cancelled")

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give jobs back that were not finished."""
        if claims:
            log.info("%d jobs are given back", len(claims))
            await until(lambda: self._leases.release(claims), QueueUnavailable)

    async def _publish(self, claim: Claim, result: JobResult) -> None:
        sure = await self._say(claim, lambda: self._leases.complete(claim, result))
        if sure:
            log.info("%s succeeded", claim.job.id, extra=_names(claim))
            self._metrics.ended("succeeded")
            for report in result.reports:
                self._metrics.made(report)
        elif sure is False:  # every try has files of its own, so those of the other worker stay
            try:
                await self._store.delete(attempt_prefix(claim.job.id, claim.attempt))
            except StoreError as exc:
                log.warning("files of %s are left to the sweep: %s", claim.job.id, exc, extra=_names(claim))

    async def _say(self, claim: Claim, word: Callable[[], Awaitable[None]]) -> bool | None:
        """Whether the queue took a last word; None when it was away and nobody knows if it had taken it before."""
        tries = 0

        async def once() -> None:
            nonlocal tries
            tries += 1
            await word()

        try:
            await until(once, QueueUnavailable)
        except LostClaim:
            log.warning("%s was lost to another worker; what was made is dropped", claim.job.id, extra=_names(claim))
            return False if tries == 1 else None
        return True

    async def _upload(self, claim: Claim, made: Sequence[Made], folder: Path) -> tuple[Output, ...]:
        prefix = attempt_prefix(claim.job.id, claim.attempt)
        outputs = []
        for index, file in enumerate(made):
            name, n_bytes, sha256 = await asyncio.to_thread(_examine, file.path, folder)
            await until(
                lambda key=prefix + name, path=file.path: self._store.put(key, path),  # type: ignore[misc]
                StoreUnavailable,
                patience_s=self._patience_s,
            )
            id_ = artifact_id(claim.job.id, index)
            outputs.append(
                Output(
                    artifact_id=id_,
                    take=file.take,
                    kind=file.kind,
                    name=name,
                    media_type=file.media_type,
                    n_bytes=n_bytes,
                    sha256=sha256,
                    content_url=content_url(id_),
                )
            )
        return tuple(outputs)


async def until(
    work: Callable[[], Awaitable[Result]], passing: type[Exception], *, patience_s: float = float("inf")
) -> Result:
    """Try something until it works or fails otherwise; waits longer after each error that may pass."""
    loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
    deadline = loop.time() + patience_s
    while True:
        try:
            return await work()
        except passing as exc:
            if loop.time() + pause_s > deadline:
                raise
            log.warning("%s; again in %.1f s", exc, pause_s)
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, MOST_PAUSE_S)


def _examine(path: Path, folder: Path) -> tuple[str, int, str]:
    """Name, size and hash of a file, which must lie in the folder: the child is not trusted with other files.

    Raises:
        OSError: when it cannot be read.
    """
    if not path.resolve(strict=True).is_relative_to(folder.resolve()):
        raise PermissionError(f"{path.name} lies outside the job's folder")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return name_in(folder, path), path.stat().st_size, sha256


def _names(claim: Claim) -> dict[str, str | int | None]:
    return {"job_id": claim.job.id, "request_id": claim.job.request_id, "attempt": claim.attempt}
