"""The pipe between supervisor and child: messages as JSON, each after its length; nothing that arrives is ever run."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from service.worker.task import Outcome, Task

LENGTH = struct.Struct("!I")
MAX_MESSAGE_BYTES = 64 << 20


class GarbledMessage(ValueError):
    """What came over the pipe is not a message; its other end cannot be trusted any more."""


@dataclass(frozen=True, slots=True)
class Work:
    """Make these together."""

    tasks: tuple[Task, ...]
    type: Literal["work"] = "work"


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop one job at its next stage."""

    job_id: str
    type: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine is warm; `label` names its bundle."""

    label: str
    type: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Unready:
    """The engine cannot be used: the slug of the problem and what it says."""

    slug: str
    detail: str
    type: Literal["unready"] = "unready"


@dataclass(frozen=True, slots=True)
class Said:
    """How far a job is."""

    job_id: str
    stage: str
    fraction: float
    type: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's outcome."""

    outcome: Outcome
    type: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Halted:
    """A job stopped because it was told to."""

    job_id: str
    type: Literal["halted"] = "halted"


@dataclass(frozen=True, slots=True)
class Idle:
    """Everything of the last `Work` has ended."""

    type: Literal["idle"] = "idle"


ToChild = Work | Stop
FromChild = Ready | Unready | Said | Ended | Halted | Idle
Message = TypeVar("Message")


class Language(Generic[Message]):
    """The messages of one direction."""

    def __init__(self, adapter: TypeAdapter[Message]) -> None:
        self._adapter = adapter

    def pack(self, message: Message) -> bytes:
        """A message with its length before it."""
        body = self._adapter.dump_json(message)
        return LENGTH.pack(len(body)) + body

    def unpack(self, body: bytes) -> Message:
        """A message from its JSON; raises GarbledMessage."""
        try:
            return self._adapter.validate_json(body)
        except ValidationError as exc:
            first = exc.errors(include_input=False)[0]
            raise GarbledMessage(f"a message over the pipe is broken at {first['loc']} ({first['msg']})") from exc


def to_child() -> Language[ToChild]:
    """What a supervisor says."""
    return Language(TypeAdapter(Annotated[Work | Stop, Field(discriminator="type")]))


def from_child() -> Language[FromChild]:
    """What a child says."""
    said = Annotated[Ready | Unready | Said | Ended | Halted | Idle, Field(discriminator="type")]
    return Language(TypeAdapter(said))


def _size(head: bytes) -> int:
    size = int(LENGTH.unpack(head)[0])
    if size > MAX_MESSAGE_BYTES:
        raise GarbledMessage(f"a message of {size} bytes over the pipe; at most {MAX_MESSAGE_BYTES} are taken")
    return size


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next message's JSON, or None when the other end is gone; raises GarbledMessage."""
    try:
        return await reader.readexactly(_size(await reader.readexactly(LENGTH.size)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def receive_frame(pipe: socket.socket) -> bytes | None:
    """The same for a blocking socket."""
    head = _exactly(pipe, LENGTH.size)
    return None if head is None else _exactly(pipe, _size(head))


def _exactly(pipe: socket.socket, count: int) -> bytes | None:
    got = bytearray()
    while len(got) < count:
        try:
            piece = pipe.recv(min(count - len(got), 1 << 20))
        except ConnectionError:
            return None
        if not piece:
            return None
        got += piece
    return bytes(got)
