"""The queue as the service knows it: one port for those who ask for music, one for those who make it."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from schemas.cue_sheet import CueSheet
from schemas.problem import Problem
from schemas.report import Report
from schemas.soundtrack import JobKind, JobStatus, Output, Priority, SoundtrackRequest

EventName = Literal["status", "progress", "done"]
KEPT_AS_ASKED = ("id", "tenant", "kind", "request", "bucket", "cost_s", "batch", "custom_id", "request_id", "trace")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be accepted. `bucket`: jobs of one bucket may be made in one batch. `cost_s`: expected work seconds.

    `max_outstanding` bounds the tenant's waiting and running jobs; by default the queue's own setting does.
    """

    id: str
    tenant: str
    kind: JobKind
    request: SoundtrackRequest
    bucket: str = "score"
    cost_s: float = 1.0
    batch: str | None = None
    custom_id: str | None = None
    request_id: str | None = None
    trace: str | None = None  # W3C traceparent
    max_outstanding: int | None = None

    def accepted(self, created_at: float) -> "JobRecord":
        """Its record as it is when it has just been accepted."""
        same: dict[str, Any] = {name: getattr(self, name) for name in KEPT_AS_ASKED}
        return JobRecord(status="queued", priority=self.request.priority, created_at=created_at, **same)


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key: `key` holds the route too; `body_sha256` tells whether the body is the same."""

    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that stands for a submission; `replayed` when an earlier one with the same key made it.

    `created_at` is when it was accepted, in unix seconds of the server's clock; None for a replayed one.
    """

    job_id: str
    replayed: bool
    created_at: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Everything the queue knows of a job. Times are unix seconds of the server's clock."""

    id: str
    tenant: str
    kind: JobKind
    status: JobStatus
    request: SoundtrackRequest
    priority: Priority
    created_at: float
    bucket: str = "score"
    cost_s: float = 1.0
    stage: str | None = None
    progress: float = 0.0
    attempt: int = 0
    batch: str | None = None
    custom_id: str | None = None
    request_id: str | None = None
    trace: str | None = None
    outputs: tuple[Output, ...] = ()
    reports: tuple[Report, ...] = ()
    cue_sheet: CueSheet | None = None
    warnings: tuple[str, ...] = ()
    error: Problem | None = None
    started_at: float | None = None
    completed_at: float | None = None
    cancel_requested_at: float | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, newest first; `next_cursor` is None on the last page."""

    jobs: tuple[JobRecord, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job; `id` grows within a job, `data` is JSON."""

    id: str
    name: EventName
    data: str


@dataclass(frozen=True, slots=True)
class QueueStats:
    """How much there is to do. `outstanding_s`: expected seconds of work, waiting and running."""

    queued: int
    running: int
    outstanding_s: float
    workers: int
    oldest_queued_s: float


class JobQueue(Protocol):
    """The side of those who ask. Every method may raise QueueUnavailable."""

    async def submit(self, job: NewJob, once: Once | None = None) -> Submitted:
        """Accept a job, or refuse it; when this returns, the job is written.

        Raises:
            QueueFull: the bound of all or of this tenant is reached.
            KeyReused: `once.key` came with another body before.
            KeyInFlight: the first submission with `once.key` is still being accepted.
        """

    async def get(self, job_id: str) -> JobRecord:
        """A job as it is now; raises UnknownJob."""

    async def position(self, job_id: str) -> int | None:
        """How many jobs are ahead of a queued job (0: it is next); None for a job that does not wait."""

    async def page(self, tenant: str, *, status: JobStatus | None, cursor: str | None, limit: int) -> Page:
        """A tenant's jobs, newest first."""

    def events(self, job_id: str, *, after: str = "0") -> AsyncIterator[JobEvent | None]:
        """What happened after an event's id, then what happens, each once and in order, to `done`.

        Yields None when nothing has happened for 15 s. Raises UnknownJob.
        """

    async def cancel(self, job_id: str) -> JobRecord:
        """End a queued job at once; ask the worker of a running one to stop. Raises UnknownJob, JobOver."""

    async def delete(self, job_id: str) -> None:
        """Forget a job that has ended; raises UnknownJob, JobLive."""

    async def ended(self, *, most: int) -> tuple[JobRecord, ...]:
        """Jobs that have ended and were not reported as `told` yet, the earliest first."""

    async def told(self, job_ids: Collection[str]) -> None:
        """Whoever wanted to know that these ended knows it."""

    async def stats(self) -> QueueStats:
        """How much there is to do."""

    async def ping(self) -> None:
        """Return if the queue answers."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in a worker's hands until its lease ends; `token` is the fence."""

    job: JobRecord
    token: str

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self.job.attempt


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job came to."""

    outputs: tuple[Output, ...] = ()
    reports: tuple[Report, ...] = ()
    cue_sheet: CueSheet | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewal:
    """Job ids whose lease is lost, and those that somebody wants cancelled."""

    lost: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tended:
    """What a round of tending changed: job ids."""

    requeued: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    expired: tuple[str, ...] = field(default=())


class JobLeases(Protocol):
    """The side of those who make. Every method may raise QueueUnavailable."""

    async def claim(self, worker: str, *, most: int, wait_s: float) -> tuple[Claim, ...]:
        """Up to `most` jobs of one bucket, the most urgent first; empty when none came in `wait_s`.

        A job that was tried before comes alone: its worker may have died of it, and nobody else should.

        A call that is cancelled gives back what it had just claimed.
        """

    async def renew(self, worker: str, claims: Collection[Claim]) -> Renewal:
        """Hold on to claims (also says that this worker lives); says which are lost and which are to be cancelled."""

    async def progress(self, claim: Claim, stage: str, fraction: float) -> None:
        """Tell how far a job is; silently nothing when the claim is lost."""

    async def complete(self, claim: Claim, result: JobResult) -> None:
        """End a job well: the one write that publishes its artifacts. Raises LostClaim."""

    async def fail(self, claim: Claim, problem: Problem, *, retry: bool) -> None:
        """End a try; with `retry` and tries left the job waits for its next one. Raises LostClaim."""

    async def cancelled(self, claim: Claim) -> None:
        """End a job that stopped because somebody wanted it to; raises LostClaim."""

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give jobs back, as if they had not been tried; those already lost are left alone."""

    async def tend(self) -> Tended:
        """Requeue or fail jobs that lost their worker, expire old ones, finish what a crash left half-done.

        Every worker calls this every few seconds; more than one at a time does no harm.
        """

    async def close(self) -> None:
        """Let go of connections."""
