"""What has been done, one line at a time: a line that was acknowledged outlives a crash at any moment."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.problem import Problem
from schemas.soundtrack import OutputKind
from service.errors import OutputUnwritable

NAME = ".tonereel-batch.jsonl"


class Line(BaseModel):
    """Fields that a later version adds are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class InputMark(Line):
    """A file that an item was made from; size and time of change spare reading it again when they are as they were."""

    name: str
    n_bytes: int
    changed_ns: int
    sha256: str


class Placed(Line):
    """A file that an item made, relative to the folder of the batch."""

    path: str
    kind: OutputKind
    take: int
    n_bytes: int
    sha256: str


class Figures(Line):
    """What the summary says of the first take."""

    duration_s: float
    tempo_bpm: float
    key: str
    style: str
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    real_time_factor: float


class Entry(Line):
    """An item that came to an end; `digest` is of what was asked, `attempt` counts from 1 for the same item."""

    type: Literal["item"] = "item"
    id: str
    digest: str
    inputs: tuple[InputMark, ...] = ()
    attempt: int = 1
    seconds: float = 0.0
    outputs: tuple[Placed, ...] = ()
    figures: Figures | None = None
    problem: Problem | None = None

    @property
    def is_done(self) -> bool:
        """Whether it came to files and not to a problem."""
        return self.problem is None


class Sent(Line):
    """A file that a service has: a rerun names the same upload, so that the same request is sent again."""

    type: Literal["sent"] = "sent"
    server: str
    sha256: str
    upload: str


JournalLine = Annotated[Entry | Sent, Field(discriminator="type")]


class Journal:
    """Reads what earlier runs wrote and appends; of each item only the place of its last line is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._line: TypeAdapter[Entry | Sent] = TypeAdapter(JournalLine)
        self._places: dict[str, int] = {}
        self._sent: dict[tuple[str, str], str] = {}
        self._end = 0
        for at, line in self._whole():
            self._note(at, line)

    def last(self, id_: str) -> Entry | None:
        """How an item ended last."""
        at = self._places.get(id_)
        if at is None:
            return None
        with self._path.open("rb") as file:
            file.seek(at)
            line = self._parsed(file.readline())
        return line if isinstance(line, Entry) else None

    def sent(self, server: str, sha256: str) -> str | None:
        """The upload that holds a file's content."""
        return self._sent.get((server, sha256))

    def append(self, line: Entry | Sent) -> None:
        """Write a line and wait until it is on the disk; half a line that a crash has left is cut off first.

        Raises:
            OutputUnwritable: when it cannot be written.
        """
        data = line.model_dump_json(exclude_none=True).encode() + b"\n"
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                os.ftruncate(handle, self._end)
                if os.pwrite(handle, data, self._end) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as exc:
            raise OutputUnwritable(f"{self._path}: cannot be written ({exc.strerror}); make room there") from exc
        self._note(self._end, line)
        self._end += len(data)

    def _whole(self) -> Iterator[tuple[int, Entry | Sent]]:
        """Every line that was written to its end; one that makes no sense is passed over, and its item made again."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        except OSError as exc:
            raise OutputUnwritable(f"{self._path}: cannot be read ({exc.strerror}); check its permissions") from exc
        with file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                line = self._parsed(raw)
                if line is not None:
                    yield self._end, line
                self._end += len(raw)

    def _parsed(self, raw: bytes) -> Entry | Sent | None:
        try:
            return self._line.validate_json(raw)
        except ValidationError:
            return None

    def _note(self, at: int, line: Entry | Sent) -> None:
        if isinstance(line, Entry):
            self._places[line.id] = at
        else:
            self._sent[line.server, line.sha256] = line.upload
