"""Processes of the service: started, watched, killed, and never left behind."""

import asyncio
import contextlib
import inspect
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from service.serve.program import leash

WITHIN_S = 180.0  # the machine may be busy
POLL_S = 0.01
Environment = dict[str, str]


class Failed(Exception):
    """Something that a measurement needs did not come about."""


@dataclass(eq=False)
class Process:
    """A process and its log."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(cls, module: str, arguments: tuple[str, ...], environment: Environment, log: Path) -> "Process":
        """Start a module in a session of its own; the kernel ends it with us."""
        with log.open("wb") as file:
            popen = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                preexec_fn=leash(),  # noqa: PLW1509 - one system call, resolved before the fork
            )
        return cls(popen, log)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.popen.poll() is None

    def said(self) -> str:
        """Everything that it has written."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone."""
        send(self.pid, number)

    def end(self, within_s: float = 20.0) -> None:
        """Ask it to end; kill it, and whatever is left of its session, when it does not."""
        send(self.pid, signal.SIGCONT)
        if self.lives:
            self.popen.terminate()
        try:
            self.popen.wait(within_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, if it is there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def resident_mb(pid: int, *, peak: bool = False) -> float:
    """Resident memory of a process, now or at its highest since `forget_peak`; megabytes of 10^6 bytes."""
    name = "VmHWM:" if peak else "VmRSS:"
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise Failed(f"process {pid} has no memory; it has ended")


def forget_peak(pid: int) -> None:
    """Count the peak of a process from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def until(
    done: Callable[[], bool | Awaitable[bool]], *, what: str, within_s: float = WITHIN_S, every_s: float = POLL_S
) -> float:
    """Wait for something; how long it took in seconds. Raises Failed when it does not come in time."""
    began = time.monotonic()
    while True:
        found = done()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return time.monotonic() - began
        if time.monotonic() - began > within_s:
            raise Failed(f"in {within_s:g} s it did not come about that {what}")
        await asyncio.sleep(every_s)


@contextlib.asynccontextmanager
async def meanwhile(work: Awaitable[object]) -> AsyncIterator["asyncio.Future[object]"]:
    """Something goes on while the block lasts, and is cancelled at its end."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
