"""How often progress is written: callers may flood, Redis and the clients of a job need not know."""

from collections.abc import Callable
from dataclasses import dataclass

from service.jobs.port import Claim


@dataclass(frozen=True, slots=True)
class Step:
    """How far a claimed job is."""

    claim: Claim
    stage: str
    fraction: float


class Pace:
    """Lets a step of a claim pass once per interval; keeps the last that had to wait."""

    def __init__(self, interval_s: float, clock: Callable[[], float]) -> None:
        self._interval_s, self._clock = interval_s, clock
        self._passed_at: dict[str, float] = {}
        self._waiting: dict[str, Step] = {}

    def offer(self, step: Step) -> bool:
        """Whether this step is to be written now; if not, it is kept for `due`."""
        token, now = step.claim.token, self._clock()
        if now - self._passed_at.get(token, float("-inf")) < self._interval_s:
            self._waiting[token] = step
            return False
        self._passed_at[token] = now
        self._waiting.pop(token, None)
        return True

    def due(self) -> tuple[Step, ...]:
        """Steps that have waited long enough."""
        return tuple(step for step in list(self._waiting.values()) if self.offer(step))

    def forget(self, claim: Claim) -> None:
        """The claim is over."""
        self._passed_at.pop(claim.token, None)
        self._waiting.pop(claim.token, None)
