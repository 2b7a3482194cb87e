"""The numbers of the queue: bounds, leases, tries and how long things are kept."""

from dataclasses import dataclass
from typing import Self

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """Everything that a queue, real or in memory, needs to know; times in seconds."""

    name: str = "tonereel"
    max_outstanding: int = 1_000
    max_outstanding_per_tenant: int = 1_000
    lock_s: float = 30.0
    stalled_check_s: float = 5.0
    max_stalls: int = 2
    attempts: int = 3
    backoff_s: float = 2.0
    job_ttl_s: float = 72 * 3600.0
    idempotency_ttl_s: float = 24 * 3600.0
    events_ttl_s: float = 24 * 3600.0  # after the end of a job
    events_kept: int = 500
    idle_s: float = 15.0  # `events` says None after so long without news
    accept_s: float = 10.0  # an acceptance that takes longer is taken for crashed and finished by others
    progress_s: float = 0.5  # progress of a job is written at most this often
    ageing_s: float = 300.0  # a waiting batch job gains AGEING_STEP this often
    poll_s: float = 1.0  # a claim looks for jobs at least this often, should a wake-up call be lost
    answer_s: float = 1.0  # Redis has so long to take a connection, and again to answer

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The numbers that the settings give."""
        return cls(
            name=settings.queue_name,
            max_outstanding=settings.max_outstanding,
            max_outstanding_per_tenant=settings.max_outstanding_per_key,
            lock_s=settings.lock_s,
            stalled_check_s=settings.stalled_check_s,
            max_stalls=settings.max_stalls,
            attempts=settings.attempts,
            backoff_s=settings.backoff_s,
            job_ttl_s=settings.job_ttl_s,
            idempotency_ttl_s=settings.idempotency_ttl_s,
        )

    @property
    def max_runs(self) -> int:
        """How often a job may be started at all, whether its tries failed or its workers died."""
        return max(self.attempts, self.max_stalls + 1)


PRIORITY_OF = {"interactive": 1, "batch": 100}  # BullMQ serves the smallest number first
AGEING_STEP = 10


def aged_priority(waited_s: float, config: QueueConfig) -> int:
    """The priority of a batch job that has waited: it falls step by step to that of an interactive one."""
    return max(PRIORITY_OF["interactive"], PRIORITY_OF["batch"] - AGEING_STEP * int(waited_s // config.ageing_s))


def retry_after(cost_s: float, jobs: int, workers: int) -> float:
    """When a place should come free: the mean cost of a job over the workers, from 1 s to 2 min."""
    return min(120.0, max(1.0, cost_s / max(jobs, 1) / max(workers, 1)))
