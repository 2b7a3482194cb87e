"""Makes tasks at a running service; a rerun after a kill finds the jobs that were sent before instead of new ones."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from schemas.problem import Problem
from schemas.soundtrack import Output, Soundtrack, SoundtrackRequest
from service.batch.journal import InputMark, Journal, Sent
from service.batch.patience import Patience, Refused, problem_at
from service.batch.pool import Sink
from service.batch.sending import Sending, key_of
from service.batch.verdict import Verdict
from service.errors import BadInput
from service.worker.problem import TIMED_OUT, problem_of
from service.worker.task import Made, Outcome, Task

LOOK_S = 20
NOT_KEPT = {404, 410, 422}  # an upload of an earlier run is gone, or the key was used with another upload
STRANGE, TOO_LONG, CANCELLED = 500, 504, 409


class Remote(Protocol):
    """A service as a batch needs it; every call raises Refused, also (status 503) where nobody answers."""

    @property
    def address(self) -> str:
        """Where it is."""

    async def upload(self, path: Path) -> str:
        """Send a file; returns the id of the upload."""

    async def submit(self, request: SoundtrackRequest, key: str) -> Soundtrack:
        """Ask for music, once for each Idempotency-Key."""

    async def look(self, job_id: str, *, wait_s: int) -> Soundtrack:
        """A job when it has ended, or as it is after `wait_s`."""

    async def fetch(self, output: Output, path: Path) -> None:
        """Write a file that a job made; Refused where what came is not what the job says."""


@dataclass(frozen=True)
class Limits:
    """How much is sent at once, and when the service shall give a job up."""

    in_flight: int = 8
    timeout_s: float | None = None


class RemoteRunner:
    """Keeps a bounded number of jobs going at a service."""

    def __init__(
        self,
        remote: Remote,
        journal: Journal,
        *,
        verdict_of: Callable[[str], Verdict],
        limits: Limits,
        patience: Patience | None = None,
    ) -> None:
        self._remote, self._journal, self._verdict_of = remote, journal, verdict_of
        self._limits = limits
        self._patience = patience or Patience(remote.address)
        self._uploading: dict[str, asyncio.Lock] = {}

    async def run(self, tasks: Iterator[Task], sink: Sink) -> None:
        """Make all tasks.

        Raises:
            BadInput: when the service lets nobody in with this key.
            ServiceError: when it does not answer for too long.
        """
        workers = [asyncio.create_task(self._work(tasks, sink)) for _ in range(self._limits.in_flight)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, tasks: Iterator[Task], sink: Sink) -> None:
        for task in tasks:
            sink.begun(task.job_id)
            sink.ended(await self._made(task, sink))

    async def _made(self, task: Task, sink: Sink) -> Outcome:
        sending = Sending(task, self._verdict_of(task.job_id), self._limits.timeout_s)
        try:
            sending.request({mark.sha256: f"upl_{'0' * 26}" for mark in sending.files()})  # before anything is sent
        except BadInput as exc:
            return Outcome(task.job_id, problem=problem_of(exc))
        try:
            job = await self._submitted(sending)
            while not job.is_over:
                sink.said(task.job_id, job.stage or job.status, job.progress)
                job = await self._look(job.id)
            if job.status != "succeeded":
                return Outcome(task.job_id, problem=job.error or _ended_as(job))
            sink.said(task.job_id, "download", 1.0)
            made = [await self._fetched(output, task.folder) for output in job.outputs]
        except Refused as exc:
            return Outcome(task.job_id, problem=exc.problem)
        except OSError as exc:
            error = BadInput(
                f"{exc.filename or task.folder}: cannot be read or written ({exc.strerror}); check the disk"
            )
            return Outcome(task.job_id, problem=problem_of(error))
        return Outcome(task.job_id, tuple(made), job.reports, job.cue_sheet, job.warnings)

    async def _submitted(self, sending: Sending) -> Soundtrack:
        """The job of a task; where what an earlier run sent is no longer kept, it is sent anew."""
        files, key = sending.files(), key_of(sending.verdict)
        are_known = any(self._known(mark) for mark in files)
        try:
            return await self._submit(sending, {m.sha256: await self._upload(m, sending) for m in files}, key)
        except Refused as exc:
            if exc.problem.status not in NOT_KEPT or not (are_known or exc.problem.code == "key-reused"):
                raise
        fresh = {m.sha256: await self._upload(m, sending, anew=True) for m in files}
        return await self._submit(sending, fresh, f"{key}-again")

    async def _submit(self, sending: Sending, uploads: dict[str, str], key: str) -> Soundtrack:
        request = sending.request(uploads)
        return await self._patience.call(lambda: self._remote.submit(request, key))

    async def _look(self, job_id: str) -> Soundtrack:
        return await self._patience.call(lambda: self._remote.look(job_id, wait_s=LOOK_S))

    def _known(self, mark: InputMark) -> str | None:
        return self._journal.sent(self._remote.address, mark.sha256)

    async def _upload(self, mark: InputMark, sending: Sending, *, anew: bool = False) -> str:
        """The upload of a file's content, sent once for all items; written down before it is used."""
        async with self._uploading.setdefault(mark.sha256, asyncio.Lock()):
            known = self._known(mark)
            if known is not None and not anew:
                return known
            upload = await self._patience.call(lambda: self._remote.upload(sending.path_of(mark)))
            self._journal.append(Sent(server=self._remote.address, sha256=mark.sha256, upload=upload))
        self._uploading.pop(mark.sha256, None)
        return upload

    async def _fetched(self, output: Output, folder: Path) -> Made:
        if PurePosixPath(output.name).name != output.name or output.name.startswith("."):
            detail = f"the service names a result {output.name!r}, which is no name of a file; nothing was written"
            raise Refused(problem_at(STRANGE, "bad-answer", "The service gave a strange answer", detail))
        path = folder / output.name
        await self._patience.call(lambda: self._remote.fetch(output, path))
        return Made(path, output.kind, output.take, output.media_type)


def _ended_as(job: Soundtrack) -> Problem:
    """Why a job that ended without an error of its own has made nothing."""
    if job.status == "cancelled" and job.cancel_requested_at is None:
        return problem_at(TOO_LONG, TIMED_OUT, "The job took too long", "the service gave it up; raise --timeout")
    detail = f"the job {job.id} at the service is {job.status}; run the same command again to ask anew"
    return problem_at(CANCELLED, f"job-{job.status}", f"The job is {job.status}", detail)
