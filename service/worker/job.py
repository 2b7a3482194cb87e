"""One claimed job on its way through a worker."""

import asyncio
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from service.worker.holding import Held
from service.worker.task import Task
from service.worker.trail import Trail


class Phase(Enum):
    """Where a job is: its files come, it waits for its turn, the child has it, its end is being written, it is over."""

    PREPARING = auto()
    READY = auto()
    RUNNING = auto()
    ENDING = auto()
    OVER = auto()


@dataclass(eq=False, slots=True)
class Job:
    """A job in hand. Clocks are monotonic seconds; `heard_at` starts the job's own wall clock."""

    held: Held
    folder: Path
    trail: Trail
    phase: Phase = Phase.PREPARING
    task: Task | None = None
    work: "asyncio.Task[None] | None" = None  # preparing it, or ending it
    has_begun: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    kill_at: float | None = None
    ready_at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        """The job's id."""
        return self.held.claim.job.id

    @property
    def is_first_try(self) -> bool:
        """Whether nothing has gone wrong with it yet; a job that may have killed a child is made alone."""
        return self.held.claim.attempt <= 1

    def ran_too_long(self, limit_s: float) -> bool:
        """Whether its wall clock is over; getting its files has one of its own."""
        return self.phase in {Phase.PREPARING, Phase.RUNNING} and time.monotonic() - self.heard_at > limit_s

    def is_deaf(self) -> bool:
        """Whether it goes on although it was told to stop some time ago."""
        return self.phase is Phase.RUNNING and self.kill_at is not None and time.monotonic() >= self.kill_at
