"""Sends requests, again where that helps and does no harm, and reads what comes back."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from schemas.problem import Problem
from service.client.effects import Call, Dropped, Reply, Send, Sleep, Steps
from service.client.errors import ApiError, Misunderstood, Unreachable

PASSING = frozenset({429, 502, 503, 504})
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long the client tries: waits are doubled from `first_s`, with jitter.

    A service that asks for more than `longest_s` (`Retry-After`) is not waited for. `now_s` is a clock that never
    goes back, `chance` gives 0..1.
    """

    tries: int = 5
    first_s: float = 0.5
    most_s: float = 8.0
    longest_s: float = 60.0
    now_s: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def pause_s(self, nth: int) -> float:
        """The wait after the nth failure, from 1."""
        return min(self.most_s, self.first_s * 2.0 ** (nth - 1)) * (0.5 + self.chance() / 2)


def sent(call: Call, patience: Patience) -> Steps[Reply]:
    """The answer to a request, which is no refusal.

    Raises:
        ApiError: the service refuses.
        Unreachable: the connection did not hold, as often as was tried.
    """
    dropped = False
    for nth in range(1, patience.tries + 1):
        try:
            reply = yield Send(call)
        except Dropped as exc:
            dropped = True
            if not call.repeatable or nth == patience.tries:
                raise unreachable(exc, nth) from exc
            pause_s = patience.pause_s(nth)
        else:
            if reply.status < 300 or (call.method == "DELETE" and reply.status == 404 and dropped):
                return reply  # what was deleted before the connection broke is deleted
            pause_s = pause_or_raise(call, reply, nth, patience)
        yield Sleep(pause_s)
    raise AssertionError("the last try returns or raises")


def pause_or_raise(call: Call, reply: Reply, nth: int, patience: Patience) -> float:
    """How long to wait before a refused request is sent again; raises ApiError if that would not help."""
    problem, asked_s = problem_of(reply), retry_after_s(reply)
    passes = reply.status in PASSING or problem.retryable
    if not passes or not call.repeatable or nth >= patience.tries or (asked_s or 0.0) > patience.longest_s:
        raise ApiError(problem, asked_s)
    return patience.pause_s(nth) if asked_s is None else asked_s


def unreachable(error: Dropped, tries: int) -> Unreachable:
    """The error of a connection that did not hold."""
    return Unreachable(
        f"the service cannot be reached ({error}) after {tries} tries; check that it runs and its address"
    )


def parsed(model: type[M], reply: Reply) -> M:
    """The body as a wire type; fields that a newer service has are left out.

    Raises:
        Misunderstood: it is none.
    """
    try:
        return model.model_validate_json(reply.body, extra="ignore")
    except ValidationError as exc:
        raise Misunderstood(
            f"the answer ({reply.status}) is no {model.__name__}; check that the address is that of a Tonereel service"
        ) from exc


def problem_of(reply: Reply) -> Problem:
    """The problem that a refusal carries; what a proxy in between says is made into one."""
    try:
        return Problem.model_validate_json(reply.body, extra="ignore")
    except ValidationError:
        said = " ".join(reply.body[:300].decode(errors="replace").split())
        status = reply.status if 400 <= reply.status <= 599 else 502
        return Problem(title="The service refuses", status=status, detail=said or f"it answered {reply.status}")


def retry_after_s(reply: Reply) -> float | None:
    """Seconds of `Retry-After`; its other form, a date, is not read."""
    value = reply.headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None
