"""The child as its supervisor sees it: a warm process to talk to, and to kill."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Self

from generators.errors import BadWeights
from service.errors import ServiceError
from service.worker import wire

WARM_S = 300.0  # the bundle is read from disk, perhaps from a network's
LEAVE_S = 5.0  # for the last words of a child that was killed
MAX_LINE_CHARS = 2_000
BAD_WEIGHTS = "bad-weights"
log = logging.getLogger("tonereel.worker")
child_log = logging.getLogger("tonereel.worker.child")


class Child:
    """A spawned child; one that was killed or died is never used again."""

    def __init__(self, process: asyncio.subprocess.Process, pipe: "Pipe") -> None:
        self._process, self._pipe = process, pipe
        self._heard: asyncio.Queue[wire.FromChild | None] = asyncio.Queue()
        self._is_gone = False
        self._tasks = [asyncio.create_task(self._listen())]
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self._tasks.append(asyncio.create_task(log_lines(stream, process.pid)))

    @classmethod
    async def spawn(cls, engine: str) -> Self:
        """Start a child that will warm an engine."""
        ours, its = socket.socketpair()
        with its:
            pipe = Pipe(*await asyncio.open_connection(sock=ours))
            command = (sys.executable, "-P", "-m", "service.worker.child", engine, str(its.fileno()), str(os.getpid()))
            try:  # the last thing to wait for: asyncio ends a process whose start is cancelled, but none that has begun
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    pass_fds=(its.fileno(),),
                    start_new_session=True,  # what it starts dies with it: the whole group is killed
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
                )
            except BaseException:
                pipe.close()
                raise
        log.info("child %d started", process.pid)
        return cls(process, pipe)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it can no longer be talked to."""
        return self._is_gone

    async def warm(self, within_s: float = WARM_S) -> str:
        """Wait until the engine is warm; returns the bundle's label.

        Raises:
            BadWeights: when the bundle is not usable.
            ServiceError: when there is no engine for another reason.
        """
        message = await self.receive(within_s)
        if isinstance(message, wire.Ready):
            return message.label
        if isinstance(message, wire.Unready):
            raise (BadWeights if message.slug == BAD_WEIGHTS else ServiceError)(message.detail)
        how = "died" if self.is_gone else f"said nothing for {within_s:g} s"
        raise ServiceError(f"the model process {how} while it was loading; see its log lines, and check free memory")

    async def send(self, message: wire.ToChild) -> None:
        """Say something; to a child that is gone, nothing happens."""
        try:
            await self._pipe.send(message)
        except ConnectionError:
            log.debug("child %d does not listen any more", self.pid)

    async def receive(self, within_s: float) -> wire.FromChild | None:
        """What it says next; None when it says nothing in time or is gone."""
        if self._is_gone and self._heard.empty():
            return None
        try:
            async with asyncio.timeout(within_s):
                return await self._heard.get()
        except TimeoutError:
            return None

    async def kill(self) -> None:
        """End it and everything that it started; returns when it has ended."""
        if self._process.returncode is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                log.debug("child %d has ended by itself", self.pid)
        self._is_gone = True
        self._pipe.close()
        leaving = [asyncio.ensure_future(self._process.wait()), *self._tasks]
        _, late = await asyncio.wait(leaving, timeout=LEAVE_S)
        for task in late:  # killed it is; somebody it started may still hold an end of a pipe
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            while (message := await self._pipe.receive()) is not None:
                self._heard.put_nowait(message)
        except wire.GarbledMessage:
            log.exception("child %d says what makes no sense; it is ended", self.pid)
        self._is_gone = True
        self._heard.put_nowait(None)


class Pipe:
    """The supervisor's end of the pipe."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._says, self._hears = wire.to_child(), wire.from_child()

    async def send(self, message: wire.ToChild) -> None:
        """Say something; raises ConnectionError."""
        self._writer.write(self._says.pack(message))
        await self._writer.drain()

    async def receive(self) -> wire.FromChild | None:
        """What the child says next, or None when it is gone; raises GarbledMessage."""
        frame = await wire.read_frame(self._reader)
        return None if frame is None else self._hears.unpack(frame)

    def close(self) -> None:
        """Let go of it."""
        self._writer.close()


async def log_lines(stream: asyncio.StreamReader, pid: int) -> None:
    """Everything that a child prints, as log lines; very long ones are cut, since a library may print without end."""
    line = b""
    while piece := await stream.read(1 << 14):
        *whole, line = (line + piece).split(b"\n")
        line = line[:MAX_LINE_CHARS]
        for text in whole:
            _log(text, pid)
    _log(line, pid)


def _log(line: bytes, pid: int) -> None:
    text = line[:MAX_LINE_CHARS].decode("utf-8", "replace").strip()
    if text:
        child_log.info("%s", text, extra={"child": pid})


class Bench:
    """Where the one child sits; there is always one, or one on its way."""

    def __init__(self, spawn: Callable[[], Awaitable[Child]], *, tries: int = 3, pause_s: float = 1.0) -> None:
        self._spawn, self._tries, self._pause_s = spawn, tries, pause_s
        self._coming: asyncio.Task[Child] | None = None
        self._label = ""

    @property
    def label(self) -> str:
        """The bundle of the last child."""
        return self._label

    def child(self) -> Child | None:
        """The warm child, or None while it is on its way; one that is gone is replaced.

        Raises:
            BadWeights: when the bundle is not usable.
            ServiceError: when several children in a row could not be made warm.
        """
        if self._coming is None:
            self._coming = asyncio.create_task(self._warm())
        if not self._coming.done():
            return None
        child = self._coming.result()
        if child.is_gone:
            self._coming = asyncio.create_task(self._replace(child))
            return None
        return child

    async def kill(self) -> None:
        """End the child, if there is one, and have another one made."""
        if self._coming is not None and self._coming.done():
            await self._coming.result().kill()
            self._coming = asyncio.create_task(self._warm())

    async def close(self) -> None:
        """End whatever runs here."""
        if self._coming is None:
            return
        self._coming.cancel()
        (child,) = await asyncio.gather(self._coming, return_exceptions=True)
        if isinstance(child, Child):
            await child.kill()

    async def _replace(self, child: Child) -> Child:
        await child.kill()
        return await self._warm()

    async def _warm(self) -> Child:
        tried = 0
        while True:
            child = await self._spawn()
            tried += 1
            try:
                self._label = await child.warm()
            except BaseException as exc:
                await child.kill()
                if not isinstance(exc, ServiceError) or tried == self._tries:
                    raise
                log.warning("child %d did not become warm: %s", child.pid, exc)
            else:
                log.info("child %d is warm with %s", child.pid, self._label)
                return child
            await asyncio.sleep(self._pause_s)
