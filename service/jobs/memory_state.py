"""What the in-memory queue knows, and the steps by which a job changes: the fake of the Lua scripts."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from schemas.problem import Problem
from schemas.soundtrack import TERMINAL, JobStatus
from service.jobs.config import PRIORITY_OF, QueueConfig, aged_priority, retry_after
from service.jobs.errors import KeyReused, LostClaim, QueueFull, UnknownJob
from service.jobs.port import Claim, EventName, JobEvent, JobRecord, JobResult, NewJob, Once
from service.jobs.records import crashed_problem


@dataclass(slots=True)
class Entry:
    """A job. `turn` orders those that wait; `token` is the fence of the worker that holds it until `leased_until`."""

    record: JobRecord
    turn: tuple[int, float, str]
    token: str | None = None
    leased_until: float = 0.0
    ready_at: float = 0.0
    cancel_at: float = float("inf")
    stalls: int = 0
    aged: int = 0
    events: list[JobEvent] = field(default_factory=list)


class MemoryState:
    """All jobs; every method is one step that nothing else comes between, as a Lua script is."""

    def __init__(self, config: QueueConfig, clock: Callable[[], float]) -> None:
        self.config, self.clock = config, clock
        self.workers: dict[str, float] = {}
        self.untold: dict[str, None] = {}  # ended jobs, in their order
        self._entries: dict[str, Entry] = {}
        self._once: dict[tuple[str, str], tuple[str, str, float]] = {}  # body, job, when it is forgotten
        self._count = itertools.count(1)
        self._news = asyncio.Event()

    def entries(self) -> Iterator[Entry]:
        """Every job that is kept, oldest first."""
        for id_ in list(self._entries):
            if (self._entries[id_].record.expires_at or float("inf")) <= self.clock():
                del self._entries[id_]
        yield from list(self._entries.values())

    def live(self) -> list[Entry]:
        """Jobs that wait or run."""
        return [entry for entry in self.entries() if entry.record.status not in TERMINAL]

    def entry(self, job_id: str) -> Entry:
        """A job; raises UnknownJob."""
        found = next((entry for entry in self.entries() if entry.record.id == job_id), None)
        if found is None:
            raise UnknownJob(f"there is no job {job_id}; it never was, was deleted, or is kept no longer")
        return found

    def held(self, claim: Claim) -> Entry:
        """The entry of a claim that still holds it; raises LostClaim."""
        entry = self._entries.get(claim.job.id)
        if entry is None or entry.token != claim.token or entry.leased_until <= self.clock():
            raise LostClaim(f"another worker holds {claim.job.id} by now, or it is over; what this one made is refused")
        return entry

    def earlier(self, tenant: str, once: Once) -> str | None:
        """The job that stands for an Idempotency-Key; raises KeyReused."""
        body, job_id, until = self._once.get((tenant, once.key), ("", "", 0.0))
        if until <= self.clock():
            return None
        if body != once.body_sha256:
            raise KeyReused("this Idempotency-Key came with another body before; use a new key for a new request")
        return job_id

    def admit(self, job: NewJob, once: Once | None) -> float:
        """Let a job in; when that was. Raises QueueFull."""
        live, limits, now = self.live(), self.config, self.clock()
        for scope, bound, jobs in (
            ("the service", limits.max_outstanding, live),
            (
                "this API key",
                job.max_outstanding or limits.max_outstanding_per_tenant,
                [e for e in live if e.record.tenant == job.tenant],
            ),
        ):
            if len(jobs) >= bound:
                wait_s = retry_after(sum(e.record.cost_s for e in live), len(live), self.living_workers())
                raise QueueFull(scope, wait_s)
        entry = Entry(job.accepted(now), (PRIORITY_OF[job.request.priority], float(next(self._count)), job.id))
        if job.request.cancel_after_s is not None:
            entry.cancel_at = now + job.request.cancel_after_s
        self._entries[job.id] = entry
        if once is not None:
            self._once[job.tenant, once.key] = (once.body_sha256, job.id, now + limits.idempotency_ttl_s)
        self.tell_status(entry)
        return now

    def start(self, entry: Entry, token: str) -> Claim | None:
        """Give a waiting job to a worker; None for one that is ended instead."""
        if entry.record.cancel_requested_at is not None or entry.cancel_at <= self.clock():
            self.ask_to_cancel(entry)
            self.finish(entry, "cancelled")
            return None
        if entry.stalls > self.config.max_stalls or entry.record.attempt >= self.config.max_runs:
            self.finish(entry, "failed", problem=crashed_problem(self.config.max_runs))
            return None
        now = self.clock()
        entry.token, entry.leased_until = token, now + self.config.lock_s
        attempt = entry.record.attempt + 1
        entry.record = replace(
            entry.record, status="running", attempt=attempt, started_at=now, progress=0.0, stage=None
        )
        self.tell_status(entry)
        return Claim(entry.record, token)

    def requeue(self, entry: Entry, *, turn: tuple[int, float, str] | None = None, refund: int = 0) -> None:
        """Let a job wait again."""
        entry.token = None
        entry.turn = turn or entry.turn
        attempt = entry.record.attempt - refund
        entry.record = replace(entry.record, status="queued", attempt=attempt, progress=0.0, stage=None)
        self.tell_status(entry)

    def stall(self, entry: Entry) -> bool:
        """A worker fell silent: True when its job waits again, the first in line; False once that is too often."""
        entry.stalls += 1
        self.requeue(entry, turn=(0, -float(next(self._count)), entry.record.id))
        if entry.stalls <= self.config.max_stalls:
            return True
        self.finish(entry, "failed", problem=crashed_problem(self.config.max_runs))
        return False

    def ask_to_cancel(self, entry: Entry) -> None:
        """Note that somebody wants a job cancelled."""
        if entry.record.cancel_requested_at is None:
            entry.record = replace(entry.record, cancel_requested_at=self.clock())

    def age(self, entry: Entry) -> None:
        """Let a batch job that has waited long come earlier."""
        waited_s = self.clock() - entry.record.created_at
        steps = int(waited_s // self.config.ageing_s)
        if entry.record.priority == "batch" and steps > entry.aged and entry.turn[0] > 0:
            entry.aged = steps
            entry.turn = (aged_priority(waited_s, self.config), float(next(self._count)), entry.record.id)

    def advance(self, entry: Entry, stage: str, fraction: float) -> None:
        """Write how far a running job is."""
        entry.record = replace(entry.record, stage=stage, progress=fraction)
        self.tell(entry, "progress", {"stage": stage, "progress": fraction})

    def finish(
        self, entry: Entry, status: JobStatus, *, result: JobResult | None = None, problem: Problem | None = None
    ) -> None:
        """End a job."""
        now, made = self.clock(), result or JobResult()
        entry.token = None
        entry.record = replace(
            entry.record,
            status=status,
            stage=None,
            progress=1.0 if status == "succeeded" else entry.record.progress,
            outputs=made.outputs,
            reports=made.reports,
            cue_sheet=made.cue_sheet,
            warnings=made.warnings,
            error=problem,
            completed_at=now,
            expires_at=now + self.config.job_ttl_s,
        )
        self.untold[entry.record.id] = None
        self.tell(entry, "done", {"status": status})

    def forget(self, entry: Entry) -> None:
        """Drop a job."""
        del self._entries[entry.record.id]
        self.untold.pop(entry.record.id, None)
        self.ring()

    def living_workers(self) -> int:
        """Workers that were heard of within `lock_s`."""
        return sum(self.clock() - seen < self.config.lock_s for seen in self.workers.values())

    def tell_status(self, entry: Entry) -> None:
        """Write a `status` event."""
        self.tell(entry, "status", {"status": entry.record.status, "attempt": entry.record.attempt})

    def tell(self, entry: Entry, name: EventName, data: dict[str, str | int | float]) -> None:
        """Write an event and wake everybody."""
        written = JobEvent(f"{next(self._count)}-0", name, json.dumps(data, separators=(",", ":")))
        entry.events = [*entry.events, written][-self.config.events_kept :]
        self.ring()

    def ring(self) -> None:
        """Wake everybody who waits for news."""
        rung, self._news = self._news, asyncio.Event()
        rung.set()

    @property
    def news(self) -> asyncio.Event:
        """Set at the next change. Take it before you look, then wait for it."""
        return self._news
