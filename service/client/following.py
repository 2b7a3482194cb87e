"""Follows a job by server-sent events; a stream that breaks off is taken up again where it ended."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from schemas.soundtrack import JobStatus, Soundtrack
from service.client.effects import Call, Dropped, Open, Read, Sleep, Tell, Telling
from service.client.errors import Misunderstood
from service.client.jobs import got, path_of
from service.client.sending import Patience, pause_or_raise, unreachable

QUIET_S = 45.0  # the service pings every 15 s
PAUSE_S = 2.0


class _Told(BaseModel):
    status: JobStatus | None = None
    stage: str | None = None
    progress: float | None = None
    attempt: int | None = None


class Event(_Told):
    """Something that happened to a job: a new status, how far a stage is, or its end."""

    id: str
    name: Literal["status", "progress", "done"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event stream."""

    id: str
    name: str
    data: str


class EventReader:
    """Reads text/event-stream as WHATWG's HTML standard (section 9.2.6) says, piece by piece."""

    def __init__(self) -> None:
        self.retry_s: float | None = None
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest, self._after_return = "", False
        self._id, self._name, self._data = "", "", list[str]()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that a piece completes."""
        text = self._decode.decode(piece)
        if not text:
            return
        ends_in_return = text.endswith("\r")
        if self._after_return:
            text = text.removeprefix("\n")  # the second half of a line's end
        self._after_return = ends_in_return
        *lines, self._rest = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            message = self._line(line)
            if message is not None:
                yield message

    def _line(self, line: str) -> Message | None:
        if not line:
            message = Message(self._id, self._name or "message", "\n".join(self._data)) if self._data else None
            self._name, self._data = "", []
            return message
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_s = int(value) / 1000
        return None


def followed(job: str | Soundtrack, patience: Patience) -> Telling[Event]:
    """Every event of a job once and in order, from its beginning to its end.

    Raises:
        ApiError: there is no such job.
        Unreachable: the stream broke off as often as was tried without a new event.
    """
    last, failures, pause_s = "", 0, PAUSE_S
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        call = Call("GET", f"{path_of(job)}/events", headers=headers, answer_s=QUIET_S)
        reader, dropped = EventReader(), Dropped("the stream ended")
        try:
            reply = yield Open(call)
            if reply.status >= 300:
                failures += 1
                pause_s = pause_or_raise(call, reply, failures, patience)
            while reply.status < 300 and (piece := (yield Read()).body):
                for message in reader.feed(piece):
                    event = _event(message)
                    last, failures = event.id or last, 0
                    yield Tell(event)
                    if event.name == "done":
                        return
            if reply.status < 300:
                failures, pause_s = failures + 1, reader.retry_s or PAUSE_S
                if (yield from got(job, patience)).is_over and failures > 1:
                    return  # it ended so long ago that its events are forgotten
        except Dropped as exc:
            dropped, failures, pause_s = exc, failures + 1, reader.retry_s or PAUSE_S
        if failures >= patience.tries:
            raise unreachable(dropped, failures)
        yield Sleep(min(pause_s, patience.most_s))


def _event(message: Message) -> Event:
    try:
        told = _Told.model_validate_json(message.data, extra="ignore")
        return Event.model_validate({"id": message.id, "name": message.name, **dict(told)})
    except ValidationError as exc:
        raise Misunderstood(f"an event named {message.name} is none that this client knows; update the client") from exc
