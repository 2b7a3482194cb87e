"""Bodies as they come in: capped in size, cut off when they are too slow, and never in memory as a whole."""

import asyncio
import base64
import binascii
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastapi import Request

from service.api.errors import BadHeader, BodyTooLarge, BodyTooSlow, DigestMismatch
from service.media.magic import HEAD_BYTES
from service.store.port import StoreUnavailable

MIN_BYTES_PER_S = 16_000
FLUSH_BYTES = 1 << 20
_SHA256 = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]*):")


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a body may be: `idle_s` without a byte, and on average `MIN_BYTES_PER_S` once that time is over."""

    idle_s: float
    clock: Callable[[], float] = time.monotonic


async def pieces(request: Request, *, limit: int, pace: Pace, what: str = "the body") -> AsyncIterator[bytes]:
    """The body of a request, piece by piece.

    Raises:
        BodyTooLarge: before anything is read where Content-Length says so, else as soon as `limit` is passed.
        BodyTooSlow: the sender stalls or trickles.
    """
    if declared_bytes(request) > limit:
        raise BodyTooLarge(what, limit)
    began, received = pace.clock(), 0
    async with aclosing(request.stream()) as stream:
        while True:
            try:
                async with asyncio.timeout(pace.idle_s):
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError as exc:
                raise BodyTooSlow(f"nothing came for {pace.idle_s:g} s; send the body again, faster") from exc
            received += len(piece)
            if received > limit:
                raise BodyTooLarge(what, limit)
            seconds = pace.clock() - began
            if seconds > pace.idle_s and received < MIN_BYTES_PER_S * seconds:
                raise BodyTooSlow(f"the body comes at less than {MIN_BYTES_PER_S} bytes a second; send it faster")
            yield piece


async def whole(request: Request, *, limit: int, pace: Pace) -> bytes:
    """A small body in memory; raises what `pieces` raises."""
    return b"".join([piece async for piece in pieces(request, limit=limit, pace=pace)])


def declared_bytes(request: Request) -> int:
    """Content-Length, or 0 without one; raises BadHeader when it is no number."""
    text = request.headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadHeader("Content-Length is not a number; leave it out or send the right one")
    return int(text)


def check_digest(request: Request, sha256: str) -> None:
    """Compare a body's sha256 with Content-Digest (RFC 9530), if that names one; other algorithms are passed over.

    Raises:
        BadHeader: the digest is not base64 of 32 bytes.
        DigestMismatch: the body is another one.
    """
    found = _SHA256.search(request.headers.get("content-digest", ""))
    if found is None:
        return
    try:
        wanted = base64.b64decode(found[1], validate=True)
    except binascii.Error as exc:
        raise BadHeader("Content-Digest is not base64; send sha-256=:<base64 of the 32 bytes>:") from exc
    if len(wanted) != 32:
        raise BadHeader("Content-Digest has not 32 bytes; send sha-256=:<base64 of the 32 bytes>:")
    if wanted.hex() != sha256:
        raise DigestMismatch("the body is not the one that Content-Digest describes; send it again")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in; `head` are its first bytes."""

    path: Path
    n_bytes: int
    sha256: str
    head: bytes


class Spool:
    """Writes a file piece by piece and hashes it on the way, both outside the event loop."""

    def __init__(self, path: Path) -> None:
        self._path, self._hash = path, hashlib.sha256()
        self._file: BinaryIO | None = None
        self._waiting, self._n_bytes, self._head = bytearray(), 0, b""

    @property
    def n_bytes(self) -> int:
        """How much has come in so far."""
        return self._n_bytes

    async def write(self, piece: bytes) -> None:
        """Take a piece; raises StoreUnavailable when the disk is full."""
        if len(self._head) < HEAD_BYTES:
            self._head += piece[: HEAD_BYTES - len(self._head)]
        self._n_bytes += len(piece)
        self._waiting += piece
        if len(self._waiting) >= FLUSH_BYTES:
            await self._flush()

    async def finish(self) -> Received:
        """Close the file."""
        await self._flush()
        self.close()
        return Received(self._path, self._n_bytes, self._hash.hexdigest(), self._head)

    def close(self) -> None:
        """Let go of the file, finished or not."""
        if self._file is not None:
            self._file.close()

    async def _flush(self) -> None:
        data, self._waiting = bytes(self._waiting), bytearray()
        try:
            await asyncio.to_thread(self._put, data)
        except OSError as exc:
            raise StoreUnavailable(f"the upload cannot be kept ({exc.strerror}); try again later") from exc

    def _put(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("wb")
        self._hash.update(data)
        self._file.write(data)


def incoming_folder(folder: Path) -> Path:
    """The folder for files that come in, made if it is not there; raises StoreUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreUnavailable(f"there is no place for uploads ({exc.strerror}); try again later") from exc
    return folder
