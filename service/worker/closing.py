"""The end of a worker: begun by a signal, over after a while."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

TICK_S = 0.1
Result = TypeVar("Result")


class Closing:
    """Whether the worker is to end, and how long ago that began."""

    def __init__(self) -> None:
        self._began: float | None = None

    def begin(self) -> None:
        """No more jobs are begun from now on."""
        self._began = self._began or time.monotonic()

    @property
    def begun(self) -> bool:
        """Whether no more jobs are begun."""
        return self._began is not None

    def lasts(self, seconds: float) -> bool:
        """Whether it began at least so long ago."""
        return self._began is not None and time.monotonic() - self._began >= seconds

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Begin at SIGTERM or SIGINT."""
        loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.begin)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


async def unless(over: Callable[[], bool], work: Awaitable[Result]) -> Result | None:
    """The result of some work; None, and the work is cancelled, once `over` says so."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done() and not over():
            await asyncio.wait({task}, timeout=TICK_S)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
