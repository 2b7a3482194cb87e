"""The queue in memory: the same two ports for tests and for one process without Redis; nothing survives the process."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Sequence

from schemas.problem import Problem
from schemas.soundtrack import TERMINAL, JobStatus
from service.jobs.config import QueueConfig
from service.jobs.cursor import cursor_after, place_of
from service.jobs.errors import JobLive, JobOver, LostClaim
from service.jobs.memory_state import Entry, MemoryState
from service.jobs.pace import Pace, Step
from service.jobs.port import (
    Claim,
    JobEvent,
    JobRecord,
    JobResult,
    NewJob,
    Once,
    Page,
    QueueStats,
    Renewal,
    Submitted,
    Tended,
)


class MemoryQueue:
    """`JobQueue` and `JobLeases`; `clock` gives unix seconds, `chance` 0..1 for the jitter of waits."""

    def __init__(
        self,
        config: QueueConfig | None = None,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config, self._clock, self._chance = config or QueueConfig(), clock, chance
        self._state = MemoryState(self._config, clock)
        self._pace = Pace(self._config.progress_s, clock)

    async def submit(self, job: NewJob, once: Once | None = None) -> Submitted:
        """See `JobQueue.submit`."""
        earlier = self._state.earlier(job.tenant, once) if once else None
        if earlier is not None:
            return Submitted(earlier, replayed=True)
        return Submitted(job.id, replayed=False, created_at=self._state.admit(job, once))

    async def get(self, job_id: str) -> JobRecord:
        """See `JobQueue.get`."""
        return self._state.entry(job_id).record

    async def position(self, job_id: str) -> int | None:
        """See `JobQueue.position`."""
        entry = self._state.entry(job_id)
        if entry.record.status != "queued":
            return None
        return sum(other.turn < entry.turn for other in self._state.live() if other.record.status == "queued")

    async def page(self, tenant: str, *, status: JobStatus | None, cursor: str | None, limit: int) -> Page:
        """See `JobQueue.page`; raises BadInput for a cursor that no page gave."""
        jobs = [e.record for e in self._state.entries() if e.record.tenant == tenant]
        found = sorted(
            ((round(job.created_at * 1e6), job.id, job) for job in jobs if status in {None, job.status}),
            key=lambda row: row[:2],
            reverse=True,
        )
        if cursor:
            found = [row for row in found if row[:2] < place_of(cursor)]
        page = tuple(job for _, _, job in found[:limit])
        return Page(page, cursor_after(page[-1]) if len(found) > limit else None)

    async def events(self, job_id: str, *, after: str = "0") -> AsyncIterator[JobEvent | None]:
        """See `JobQueue.events`; an `after` that is no event's id counts as "0"."""
        self._state.entry(job_id)
        head = after.partition("-")[0]
        last = int(head) if head.isdecimal() else 0
        quiet_until = time.monotonic() + self._config.idle_s
        while True:
            news = self._state.news
            entry = next((e for e in self._state.entries() if e.record.id == job_id), None)
            if entry is None:
                return
            fresh = [event for event in entry.events if int(event.id.partition("-")[0]) > last]
            for event in fresh:
                last = int(event.id.partition("-")[0])
                yield event
            if entry.record.status in TERMINAL:
                return
            if fresh or quiet_until <= time.monotonic():
                quiet_until = time.monotonic() + self._config.idle_s
            if not fresh and not await _rings(news, quiet_until - time.monotonic()):
                yield None

    async def cancel(self, job_id: str) -> JobRecord:
        """See `JobQueue.cancel`."""
        entry = self._state.entry(job_id)
        if entry.record.status in TERMINAL:
            raise JobOver(f"{job_id} has ended, so it cannot be cancelled; delete it to forget it")
        self._state.ask_to_cancel(entry)
        if entry.record.status == "queued":
            self._state.finish(entry, "cancelled")
        return entry.record

    async def delete(self, job_id: str) -> None:
        """See `JobQueue.delete`."""
        entry = self._state.entry(job_id)
        if entry.record.status not in TERMINAL:
            raise JobLive(f"{job_id} has not ended; cancel it before you delete it")
        self._state.forget(entry)

    async def ended(self, *, most: int) -> tuple[JobRecord, ...]:
        """See `JobQueue.ended`."""
        untold = self._state.untold
        jobs = {entry.record.id: entry.record for entry in self._state.entries()}
        return tuple(jobs[id_] for id_ in list(untold)[:most] if id_ in jobs)

    async def told(self, job_ids: Collection[str]) -> None:
        """See `JobQueue.told`."""
        for job_id in job_ids:
            self._state.untold.pop(job_id, None)

    async def stats(self) -> QueueStats:
        """See `JobQueue.stats`."""
        jobs = [entry.record for entry in self._state.live()]
        queued = [job.created_at for job in jobs if job.status == "queued"]
        return QueueStats(
            queued=len(queued),
            running=len(jobs) - len(queued),
            outstanding_s=sum(job.cost_s for job in jobs),
            workers=self._state.living_workers(),
            oldest_queued_s=max(0.0, self._clock() - min(queued)) if queued else 0.0,
        )

    async def ping(self) -> None:
        """See `JobQueue.ping`."""

    async def claim(self, worker: str, *, most: int, wait_s: float) -> tuple[Claim, ...]:
        """See `JobLeases.claim`."""
        ends_at = time.monotonic() + wait_s
        while True:
            news = self._state.news
            self._state.workers[worker] = self._clock()
            claims = self._claim_now(worker, most)
            left_s = ends_at - time.monotonic()
            if claims or left_s <= 0:
                return claims
            now = self._clock()
            due_s = [e.ready_at - now for e in self._state.live() if e.record.status == "queued"]
            await _rings(news, max(0.005, min([left_s, self._config.poll_s, *due_s])))

    def _claim_now(self, worker: str, most: int) -> tuple[Claim, ...]:
        claims: list[Claim] = []
        while len(claims) < most:
            waiting = [e for e in self._state.live() if e.record.status == "queued" and e.ready_at <= self._clock()]
            if claims:
                waiting = [e for e in waiting if e.record.bucket == claims[0].job.bucket]
            if not waiting:
                break
            first = min(waiting, key=lambda entry: entry.turn)
            if claims and first.record.attempt > 0:
                break
            claim = self._state.start(first, f"{worker}:{uuid.uuid4().hex}")
            claims += [claim] if claim else []
            if claim is not None and claim.attempt > 1:
                break
        return tuple(claims)

    async def renew(self, worker: str, claims: Collection[Claim]) -> Renewal:
        """See `JobLeases.renew`."""
        self._state.workers[worker] = self._clock()
        lost, cancelled = set(), set()
        for claim in claims:
            try:
                entry = self._state.held(claim)
            except LostClaim:
                lost.add(claim.job.id)
                continue
            entry.leased_until = self._clock() + self._config.lock_s
            if entry.cancel_at <= self._clock():
                self._state.ask_to_cancel(entry)
            if entry.record.cancel_requested_at is not None:
                cancelled.add(claim.job.id)
        for step in self._pace.due():
            self._write(step)
        return Renewal(frozenset(lost), frozenset(cancelled))

    async def progress(self, claim: Claim, stage: str, fraction: float) -> None:
        """See `JobLeases.progress`."""
        step = Step(claim, stage, min(1.0, max(0.0, fraction)))
        if self._pace.offer(step):
            self._write(step)

    def _write(self, step: Step) -> None:
        try:
            entry = self._state.held(step.claim)
        except LostClaim:
            return
        self._state.advance(entry, step.stage, step.fraction)

    async def complete(self, claim: Claim, result: JobResult) -> None:
        """See `JobLeases.complete`."""
        self._state.finish(self._let_go(claim), "succeeded", result=result)

    async def fail(self, claim: Claim, problem: Problem, *, retry: bool) -> None:
        """See `JobLeases.fail`."""
        entry = self._let_go(claim)
        if not retry or claim.attempt >= self._config.attempts:
            self._state.finish(entry, "failed", problem=problem)
            return
        wait_s = self._config.backoff_s * 2 ** (claim.attempt - 1) * (0.5 + self._chance())
        entry.ready_at = self._clock() + wait_s
        self._state.requeue(entry)

    async def cancelled(self, claim: Claim) -> None:
        """See `JobLeases.cancelled`."""
        self._state.finish(self._let_go(claim), "cancelled")

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `JobLeases.release`."""
        for claim in claims:
            try:
                entry = self._let_go(claim)
            except LostClaim:
                continue
            self._state.requeue(entry, turn=(entry.turn[0], 0.0, entry.record.id), refund=1)

    def _let_go(self, claim: Claim) -> Entry:
        self._pace.forget(claim)
        return self._state.held(claim)

    async def tend(self) -> Tended:
        """See `JobLeases.tend`."""
        requeued: list[str] = []
        failed: list[str] = []
        expired: list[str] = []
        for entry in self._state.live():
            if entry.token is not None and entry.leased_until <= self._clock():
                (requeued if self._state.stall(entry) else failed).append(entry.record.id)
            elif entry.cancel_at <= self._clock():
                self._state.ask_to_cancel(entry)
            if entry.record.status == "queued":
                if entry.record.cancel_requested_at is not None:
                    self._state.finish(entry, "cancelled")
                    expired.append(entry.record.id)
                else:
                    self._state.age(entry)
        return Tended(tuple(requeued), tuple(failed), tuple(expired))

    async def close(self) -> None:
        """Nothing to let go of."""


async def _rings(news: asyncio.Event, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            await news.wait()
    except TimeoutError:
        return False
    return True
