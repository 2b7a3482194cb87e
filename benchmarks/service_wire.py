"""A light HTTP client for measuring: raw sockets and prepared bytes, so that what is measured is the service."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

PATIENCE_S = 120.0  # an answer that takes longer is none


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and how long it took, from the first byte sent to the last received."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self) -> dict[str, Any]:
        """The body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Wire:
    """One client on a connection that is kept; made anew where the service has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()

    def drop(self) -> None:
        """Close the connection at once."""
        if self._ends is not None:
            self._ends[1].transport.abort()
            self._ends = None

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request; a header's name is written with `_`. Raises OSError, EOFError, TimeoutError."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await self._connected()
                began = time.perf_counter()
                writer.write(request_bytes(method, path, headers, len(body)) + body)
                status, found = await read_head(reader)
                content = await reader.readexactly(int(found.get("content-length", "0")))
                return Answer(status, found, content, time.perf_counter() - began)
        except BaseException:
            self.drop()
            raise

    async def submit(self, caption: str, **headers: str) -> Answer:
        """Ask for music."""
        return await self.ask("POST", "/v1/soundtracks", soundtrack(caption), **headers)

    async def upload(self, path: str, size: int, pieces: AsyncIterator[bytes], **headers: str) -> Answer:
        """Send a large body piece by piece."""
        reader, writer = await self._connected()
        began = time.perf_counter()
        writer.write(request_bytes("POST", path, headers, size))
        async for piece in pieces:
            writer.write(piece)
            await writer.drain()
        status, found = await read_head(reader)
        content = await reader.readexactly(int(found.get("content-length", "0")))
        return Answer(status, found, content, time.perf_counter() - began)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is None or self._ends[0].at_eof():
            self.drop()
            self._ends = await asyncio.open_connection("127.0.0.1", self._port)
        return self._ends


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event."""

    id: str
    name: str


class EventStream:
    """A stream of server-sent events on a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._text = b""

    @classmethod
    async def open(cls, port: int, job_id: str, after: str = "") -> Self:
        """Begin to follow a job, after the last event that was seen; raises ConnectionError for any other answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        headers = {"last_event_id": after} if after else {}
        writer.write(request_bytes("GET", f"/v1/soundtracks/{job_id}/events", headers, 0))
        status, _ = await read_head(reader)
        if status != 200:
            raise ConnectionError(f"the stream of {job_id} answers {status}")
        return cls(reader, writer)

    async def next(self) -> Event | None:
        """The next whole event; None at the end."""
        while True:
            block, found, rest = self._text.partition(b"\n\n")
            if not found:
                piece = await self._piece()
                if not piece:
                    return None
                self._text += piece
                continue
            self._text = rest
            fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
            if "id" in fields:
                return Event(fields["id"], fields["event"])

    def drop(self) -> None:
        """Close the connection at once, in the midst of whatever comes."""
        self._writer.transport.abort()

    async def _piece(self) -> bytes:
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        return (await self._reader.readexactly(size + 2))[:-2]


def soundtrack(caption: str) -> bytes:
    """The body of a request for music."""
    asked = {"sources": [{"kind": "caption", "text": caption}], "duration_s": 4}
    return json.dumps(asked).encode()


def request_bytes(method: str, path: str, headers: dict[str, str], size: int) -> bytes:
    """The head of a request; JSON unless a content type is given."""
    given = {"host": "localhost", "content-length": str(size), "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer; raises EOFError when the connection ends before."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if line)
    return int(first.split(" ")[1]), {name.lower(): value for name, value in pairs}
