"""Calls to a service that wait while it is full or away, as it says, and give up in time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from schemas.problem import TYPE, Problem
from service.errors import BadInput, ServiceError

FIRST_PAUSE_S, MOST_PAUSE_S = 0.5, 30.0
UNAUTHORIZED, FORBIDDEN, CONFLICT, FULL, AWAY = 401, 403, 409, 429, 503
PASSING = {408, 425, FULL, 502, AWAY, 504}
Result = TypeVar("Result")


class Refused(Exception):
    """The service says no: its problem, and after how long to ask again where it says so."""

    def __init__(self, problem: Problem, retry_after_s: float | None = None) -> None:
        super().__init__(problem.detail)
        self.problem, self.retry_after_s = problem, retry_after_s

    @property
    def is_passing(self) -> bool:
        """Whether the same call may be accepted a little later."""
        return self.problem.status in PASSING or (self.problem.status == CONFLICT and self.problem.retryable)


@dataclass(frozen=True)
class Patience:
    """How long a service at `address` may be away; one that says that it is full is waited for as long as it does."""

    address: str
    limit_s: float = 300.0
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def call(self, once: Callable[[], Awaitable[Result]]) -> Result:
        """Call until it is not told to come back later.

        Raises:
            Refused: for good.
            BadInput: the service lets nobody in with this key.
            ServiceError: it was away for too long.
        """
        pause_s, away_s = FIRST_PAUSE_S, 0.0
        while True:
            try:
                return await once()
            except Refused as exc:
                self._check(exc, away_s)
                is_full, wait_s = exc.problem.status == FULL, max(exc.retry_after_s or 0.0, pause_s)
            await self.pause(wait_s)
            away_s = 0.0 if is_full else away_s + wait_s
            pause_s = min(2 * pause_s, MOST_PAUSE_S)

    def _check(self, refused: Refused, away_s: float) -> None:
        detail = f"{self.address}: {refused.problem.detail}"
        if refused.problem.status in {UNAUTHORIZED, FORBIDDEN}:
            raise BadInput(f"{detail}; give a key of this service with --api-key") from refused
        if not refused.is_passing:
            raise refused
        if away_s > self.limit_s:
            raise ServiceError(f"{detail}; run the same command again later to go on") from refused


def away(detail: str) -> Problem:
    """Nobody answers."""
    return problem_at(AWAY, "unreachable", "The service cannot be reached", detail)


def problem_at(status: int, code: str, title: str, detail: str) -> Problem:
    """A problem that this side found."""
    return Problem(type=TYPE + code, title=title, status=status, detail=detail, code=code, retryable=status in PASSING)
