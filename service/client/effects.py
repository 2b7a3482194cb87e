"""What the client wants done: its logic yields effects and gets replies, and knows neither sockets nor event loops.

A sequence of steps is a generator. Whoever runs it does each effect and sends the reply in, or throws `Dropped` when
the connection did not hold. So blocking and asynchronous clients share everything but the doing.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
V = TypeVar("V")
Method = Literal["GET", "POST", "DELETE"]


class Dropped(Exception):
    """The connection was refused, timed out or broke off."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `answer_s`: how long the answer may take to begin; `repeatable`: twice does what once does."""

    method: Method
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Path | None = None
    answer_s: float = 30.0
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are in lower case."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request and read the whole answer."""

    call: Call


@dataclass(frozen=True, slots=True)
class Open:
    """Send a request and read the answer's head, with its body when it is a refusal; `Read` reads on."""

    call: Call


@dataclass(frozen=True, slots=True)
class Read:
    """The next piece of what is open; an empty one at its end."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """Do something with a local file, which takes a while."""

    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Tell(Generic[V]):
    """Hand a value to whoever iterates."""

    value: V


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The steps have ended with a value."""

    value: T


Effect = Send | Open | Read | Sleep | Work
Steps = Generator[Effect, Reply, T]
Telling = Generator[Effect | Tell[V], Reply, None]


def begin(steps: Generator[V, Reply, T]) -> V | Done[T]:
    """The first effect."""
    try:
        return next(steps)
    except StopIteration as end:
        return Done(end.value)


def go_on(steps: Generator[V, Reply, T], answer: Reply | Dropped) -> V | Done[T]:
    """The effect after an answer."""
    try:
        return steps.throw(answer) if isinstance(answer, Dropped) else steps.send(answer)
    except StopIteration as end:
        return Done(end.value)
