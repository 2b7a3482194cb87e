"""A program that is kept running: started again when it dies, and never left behind."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
SOUND_S = 30.0  # a program that lived for so long had started well
PR_SET_PDEATHSIG = 1
log = logging.getLogger("tonereel.serve")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and for how long it may take to stop. `environment` is the whole of it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_s: float = 10.0


class Keeper:
    """Keeps one program running until it is stopped; `failures` counts deaths in a row, `code` is the last exit."""

    def __init__(self, program: Program, *, first_wait_s: float = FIRST_WAIT_S) -> None:
        self.program, self.failures, self.code = program, 0, 0
        self._first_wait_s = first_wait_s
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Start the program, and from now on start it again when it ends."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask the program to stop and wait; kill it when its time is over, or at once when `hurry` is set."""
        self._stopping.set()
        if self._task is None:
            return
        self._signal(signal.SIGTERM)
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({self._task, hurried}, timeout=self.program.stop_s, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not self._task.done():
            log.warning("%s did not stop in time and is killed", self.program.name)
            self._signal(signal.SIGKILL)
        await self._task

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            await self._run_once()
            if self._stopping.is_set():
                return
            self.failures = 1 if time.monotonic() - began >= SOUND_S else self.failures + 1
            wait_s = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** (self.failures - 1))
            log.warning("%s ended (%s); it is started again in %.1f s", self.program.name, _how(self.code), wait_s)
            await _until(self._stopping, wait_s)

    async def _run_once(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            *self.program.command,
            stdin=asyncio.subprocess.DEVNULL,
            env=dict(self.program.environment),
            start_new_session=True,  # Ctrl-C reaches us only; what it starts can be killed with it
            preexec_fn=leash(),
        )
        if self._stopping.is_set():  # stopped while it was being started
            self._signal(signal.SIGTERM)
        try:
            self.code = await process.wait()
        finally:
            _signal_group(process.pid, signal.SIGKILL)  # whatever it left behind

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if number is signal.SIGKILL:
            _signal_group(process.pid, number)
        else:
            process.send_signal(number)  # only itself: it stops its own children in order


def leash() -> Callable[[], None]:
    """What a new process does first: ask the kernel to kill it when we die, however we die (Linux)."""
    parent = os.getpid()
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def hold() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return hold


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        log.debug("nothing of the group %d is left", leader)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
