"""Fetches a job's file: what broke off is gone on with, what is damaged is not kept, and the file appears whole."""

import hashlib
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from schemas.soundtrack import Output
from service.client.effects import Call, Dropped, Open, Read, Reply, Sleep, Steps, Work
from service.client.errors import Damaged
from service.client.sending import Patience, pause_or_raise, unreachable

PIECE = 1 << 20


class Partial:
    """What is there of a file, beside the place where it is to be: `NAME.part`. Its sha256 is taken as it grows."""

    def __init__(self, target: Path) -> None:
        self._target, self._path = target, target.with_name(target.name + ".part")
        self._file: BinaryIO | None = None
        self._sha256 = hashlib.sha256()
        self.n_bytes = 0

    @property
    def sha256(self) -> str:
        """Of what is there, in hexadecimal."""
        return self._sha256.hexdigest()

    def go_on(self) -> None:
        """Begin with what an earlier download left."""
        self._begin("a+b")
        file = self._opened()
        file.seek(0)
        while piece := file.read(PIECE):
            self._count(piece)

    def start_over(self) -> None:
        """Begin with nothing."""
        self._begin("w+b")

    def write(self, piece: bytes) -> None:
        """Add a piece."""
        self._opened().write(piece)
        self._count(piece)

    def publish(self) -> None:
        """Put the file where it is to be."""
        self.close()
        self._path.replace(self._target)

    def discard(self) -> None:
        """Keep nothing."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Keep what is there for the next time."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, mode: str) -> None:
        self.close()
        self._file = self._path.open(mode)  # type: ignore[assignment]  # both modes are binary
        self._sha256, self.n_bytes = hashlib.sha256(), 0

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("the partial file is closed; begin it first")
        return self._file

    def _count(self, piece: bytes) -> None:
        self._sha256.update(piece)
        self.n_bytes += len(piece)


def downloaded(output: Output, path: Path, patience: Patience) -> Steps[Path]:
    """Fetch a file to a path, or under its own name into a folder; returns where it is.

    Raises:
        Damaged: it is not what the job says, twice.
        ApiError: it is no longer kept.
        Unreachable: the connection broke off as often as was tried without bringing anything.
    """
    target = path / _plain(output.name) if path.is_dir() else path
    there = Partial(target)
    try:
        for begin in (there.go_on, there.start_over):
            yield Work(begin)
            yield from _filled(there, output, patience)
            if (there.n_bytes, there.sha256) == (output.n_bytes, output.sha256):
                yield Work(there.publish)
                return target
        yield Work(there.discard)
    finally:
        there.close()
    raise Damaged(f"{output.name} came with another sha256 than the job says; ask for it again, or make it again")


def _filled(there: Partial, output: Output, patience: Patience) -> Steps[None]:
    """Read until there is as much as there should be; more ends it as well, and is found out by the sha256."""
    failures = 0
    while there.n_bytes < output.n_bytes:
        before = there.n_bytes
        headers = {"Accept-Encoding": "identity"}
        if before:
            headers |= {"Range": f"bytes={before}-", "If-Range": f'"{output.sha256}"'}
        call = Call("GET", output.content_url, headers=headers)
        dropped, pause_s = Dropped("the file ended early"), None
        try:
            reply = yield Open(call)
            if reply.status >= 300:
                pause_s = pause_or_raise(call, reply, failures + 1, patience)
            else:
                if before and not _goes_on(reply, before):
                    yield Work(there.start_over)
                    before = 0
                while there.n_bytes <= output.n_bytes and (piece := (yield Read()).body):
                    yield Work(partial(there.write, piece))
        except Dropped as exc:
            dropped = exc
        if there.n_bytes >= output.n_bytes:
            return
        failures = 1 if there.n_bytes > before else failures + 1
        if failures >= patience.tries:
            raise unreachable(dropped, failures)
        yield Sleep(patience.pause_s(failures) if pause_s is None else pause_s)


def _goes_on(reply: Reply, at: int) -> bool:
    return reply.status == 206 and reply.headers.get("content-range", "").startswith(f"bytes {at}-")


def _plain(name: str) -> str:
    """The last part of a name, so that no service can have a file written elsewhere."""
    plain = PureWindowsPath(PurePosixPath(name).name).name
    return "output" if plain in {"", ".", ".."} else plain
