"""One round of work: claimed jobs get their files, go through the child, and come to an end, each by itself."""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import replace

from schemas.problem import Problem
from service.jobs.port import Claim
from service.worker import wire
from service.worker.closing import TICK_S
from service.worker.inputs import wanted_of, warnings_of
from service.worker.job import Job, Phase
from service.worker.problem import crashed, problem_of, silent, timed_out
from service.worker.process import Child
from service.worker.shop import Shop
from service.worker.task import Task
from service.worker.title import title_of
from service.worker.trail import Trail

GATHER_S = 0.3  # a batch waits so long for the files of its last members
LEAVE_S = 3.0  # after the drain period, for the last words to the queue
log = logging.getLogger("tonereel.worker")


class Shift:
    """Everything that happens is looked at in one loop, so that nothing can happen at the same time.

    A child that is killed for one job (deaf to a cancel, out of time) makes the others of its batch again, in the same
    try; when it dies by itself nobody knows for whom, so all fail, and every later try is made alone.
    """

    def __init__(self, shop: Shop, claims: Sequence[Claim]) -> None:
        self._shop, self._settings = shop, shop.settings
        self._jobs = [
            Job(held, shop.scratch.folder(f"{held.claim.job.id}-{held.claim.attempt}"), Trail(shop.tracing, held.claim))
            for held in shop.holding.take(claims)
        ]
        self._child: Child | None = None  # the one that is making something
        self._has_abandoned, self._needed_at = False, time.monotonic()
        self._works: list[asyncio.Task[None]] = []

    async def work(self) -> None:
        """Return when every job is over; raises what the bench raises when there is no child to be had."""
        try:
            for job in self._jobs:
                job.work = self._begin(self._prepare(job))
            while self._child is not None or any(job.phase is not Phase.OVER for job in self._jobs):
                await self._start()
                await self._listen()
                for job in self._jobs:
                    await self._look_after(job)
                await self._tidy()
                if self._shop.closing.lasts(self._settings.drain_s):
                    break
        finally:
            await self._leave()

    def _in(self, *phases: Phase) -> list[Job]:
        return [job for job in self._jobs if job.phase in phases]

    async def _prepare(self, job: Job) -> None:
        request, inside = job.held.claim.job.request, job.folder / "in"
        out = job.folder / "out"
        inside.mkdir()
        out.mkdir()
        try:
            music = await self._shop.inputs.prepare(request, inside)
            title = await title_of(request, self._shop.records)
        except Exception as exc:  # whatever fails is this job's problem
            problem = problem_of(exc, inside)
            log.info("%s was not prepared", job.id, exc_info=problem.retryable)
            job.phase = Phase.ENDING
            await self._close(job, self._shop.desk.fail(job.held.claim, problem, retry=problem.retryable))
            return
        job.task = Task(job.id, job.held.claim.job.kind, music, wanted_of(request), out, title)
        job.phase, job.ready_at = Phase.READY, time.monotonic()

    async def _start(self) -> None:
        """Give the child its next batch, if it has none."""
        ready = self._in(Phase.READY)
        if self._child is not None or not ready or self._shop.closing.begun:
            return
        is_soon = time.monotonic() - min(job.ready_at for job in ready) < GATHER_S
        if is_soon and self._in(Phase.PREPARING):
            return
        child = self._shop.bench.child()
        if child is None:
            return
        batch = [job for job in ready if job.is_first_try] if ready[0].is_first_try else ready[:1]
        for job in batch:
            job.phase, job.has_begun, job.heard_at, job.kill_at = Phase.RUNNING, False, time.monotonic(), None
        self._child, self._has_abandoned = child, False
        await child.send(wire.Work(tuple(job.task for job in batch if job.task is not None)))

    async def _listen(self) -> None:
        """Take what the child says for the length of a tick."""
        child = self._child
        if child is None:
            await self._pause()
            return
        message = await child.receive(TICK_S)
        if message is not None:
            self._take(message)
        elif child.is_gone:
            log.warning("child %d died with %s", child.pid, [job.id for job in self._in(Phase.RUNNING)])
            self._child = None
            self._shop.metrics.child_restarted("crashed")
            self._fail_running(crashed())

    async def _pause(self) -> None:
        """Wait for a tick, or until a job has been prepared or ended."""
        busy = [job.work for job in self._jobs if job.work is not None and not job.work.done()]
        if busy:
            await asyncio.wait(busy, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(TICK_S)

    def _take(self, message: wire.FromChild) -> None:
        running = {job.id: job for job in self._in(Phase.RUNNING)}
        if isinstance(message, wire.Idle):
            self._child = None
            self._fail_running(silent())
            return
        if isinstance(message, wire.Ended):
            id_ = message.outcome.job_id
        elif isinstance(message, wire.Said | wire.Halted):
            id_ = message.job_id
        else:
            return
        for other in running.values():  # a job that has not begun waits for the others of its batch
            if other.id == id_ or not other.has_begun:
                self._hear(other, has_begun=other.id == id_)
        if (job := running.get(id_)) is not None:
            self._answer(job, message)

    @staticmethod
    def _hear(job: Job, *, has_begun: bool) -> None:
        if not job.has_begun:
            job.has_begun, job.heard_at = has_begun, time.monotonic()

    def _answer(self, job: Job, message: wire.Said | wire.Ended | wire.Halted) -> None:
        claim = job.held.claim
        if isinstance(message, wire.Said):
            self._shop.teller.note(claim, message.stage, message.fraction)
        elif isinstance(message, wire.Halted) or job.held.is_cancelled:
            self._end(job, self._shop.desk.cancel(claim))
        else:
            warnings = (*message.outcome.warnings, *warnings_of(claim.job.request))
            outcome = replace(message.outcome, warnings=warnings)
            self._end(job, self._shop.desk.end(claim, outcome, job.folder / "out"))

    def _fail_running(self, problem: Problem) -> None:
        desk = self._shop.desk
        for job in self._in(Phase.RUNNING):
            claim, is_wanted = job.held.claim, not job.held.is_cancelled
            self._end(job, desk.fail(claim, problem, retry=True) if is_wanted else desk.cancel(claim))

    async def _look_after(self, job: Job) -> None:
        """Do what somebody else, or the clock, wants of a job."""
        if job.phase in {Phase.ENDING, Phase.OVER}:
            return
        claim, desk, is_running = job.held.claim, self._shop.desk, job.phase is Phase.RUNNING
        if job.held.is_lost:
            await self._abandon(job)
        elif job.ran_too_long(self._settings.job_timeout_s):
            self._end(job, desk.fail(claim, timed_out(self._settings.job_timeout_s), retry=False))
            await self._kill_for(is_running, "timeout")
        elif job.held.is_cancelled and (not is_running or job.is_deaf()):
            self._end(job, desk.cancel(claim))
            await self._kill_for(is_running, "cancelled")
        elif job.held.is_cancelled and job.kill_at is None:
            job.kill_at = time.monotonic() + self._settings.cancel_grace_s
            await self._tell_child(wire.Stop(job.id))
        elif self._shop.closing.begun and not is_running:
            self._end(job, desk.release([claim]))

    async def _abandon(self, job: Job) -> None:
        """Another worker has the job: nothing more is said of it, and it is not made to the end."""
        log.warning("%s is held by another worker by now; it is dropped here", job.id, extra={"job_id": job.id})
        if job.phase is Phase.RUNNING:
            self._has_abandoned = True
            await self._tell_child(wire.Stop(job.id))
        elif job.work is not None:
            job.work.cancel()
        self._over(job)

    async def _tidy(self) -> None:
        """End a child that works for nobody."""
        if self._child is None or self._in(Phase.RUNNING):
            self._needed_at = time.monotonic()
        elif self._has_abandoned or time.monotonic() - self._needed_at > self._settings.cancel_grace_s:
            await self._kill_for(True, "lost")

    async def _kill_for(self, is_running: bool, reason: str) -> None:
        """Kill the child if it has the job; the others in it are made again."""
        if not is_running:
            return
        log.warning("the child is killed: %s", reason)
        self._shop.metrics.child_restarted(reason)
        self._child = None
        for other in self._in(Phase.RUNNING):
            other.phase, other.ready_at = Phase.READY, time.monotonic()
        await self._shop.bench.kill()

    async def _tell_child(self, message: wire.Stop) -> None:
        if self._child is not None:
            await self._child.send(message)

    def _end(self, job: Job, word: Awaitable[None]) -> None:
        """Have the last word on a job written."""
        if job.work is not None:
            job.work.cancel()  # its files are no longer needed
        job.phase = Phase.ENDING
        self._shop.teller.forget(job.held.claim)
        job.work = self._begin(self._close(job, word))

    async def _close(self, job: Job, word: Awaitable[None]) -> None:
        try:
            await word
        except Exception:  # a fault of ours: the lease lapses, and the queue tries the job again
            log.exception("the end of %s was not written", job.id, extra={"job_id": job.id})
        self._over(job)

    def _over(self, job: Job) -> None:
        job.phase = Phase.OVER
        job.trail.close()
        self._shop.holding.drop(job.held)
        self._shop.teller.forget(job.held.claim)

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._works.append(task)
        return task

    async def _leave(self) -> None:
        """Leave nothing behind: unfinished jobs are given back, files removed."""
        if self._child is not None:
            await self._child.kill()
        ending = [job.work for job in self._in(Phase.ENDING) if job.work is not None]
        if ending:
            await asyncio.wait(ending, timeout=LEAVE_S)
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        left = [job for job in self._jobs if job.phase is not Phase.OVER]
        try:
            async with asyncio.timeout(LEAVE_S):
                await self._shop.desk.release([job.held.claim for job in left])
        except TimeoutError:
            log.warning("%d jobs could not be given back; others take them when their leases end", len(left))
        for job in self._jobs:
            self._over(job)
            await asyncio.to_thread(shutil.rmtree, job.folder, ignore_errors=True)
