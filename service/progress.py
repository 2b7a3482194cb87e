"""How far the work is: a port that stages report to, silent or as bars on a terminal, and the stages' times."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from schemas.report import StageReport

if TYPE_CHECKING:
    from tqdm import tqdm


BAR_FORMAT = "{desc:<12} |{bar:28}| {percentage:3.0f}% {elapsed}"


class Progress(Protocol):
    """Somebody who wants to know how far the work is."""

    def started(self, stage: str, done: int, total: int) -> None:
        """A stage starts after `done` of `total` stages."""

    def finished(self) -> None:
        """All work is over, well or badly."""


class Silent:
    """Nobody is watching."""

    def started(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def finished(self) -> None:
        """Say nothing."""


class Terminal:
    """One bar on a terminal that names the stage at work."""

    def __init__(self) -> None:
        self._bar: tqdm[object] | None = None

    def started(self, stage: str, done: int, total: int) -> None:
        """Move the bar and name the stage."""
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm((), total=total, bar_format=BAR_FORMAT, leave=False)
        bar = self._bar
        bar.set_description_str(stage, refresh=False)
        bar.update(done - bar.n)
        bar.refresh()

    def finished(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


class Stages:
    """Runs stages one after another, tells the progress port, and keeps their times."""

    def __init__(self, progress: Progress, total: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._progress = progress
        self._total = total
        self._clock = clock
        self._times: dict[str, float] = {}
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.finished()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside; a name that comes again adds up."""
        self._progress.started(name, self._count, self._total)
        start = self._clock()
        try:
            yield
        finally:
            self._times[name] = self._times.get(name, 0.0) + self._clock() - start
            self._count = min(self._count + 1, self._total)

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(self._times.values())

    def report(self) -> tuple[StageReport, ...]:
        """The stages in the order of their first start."""
        return tuple(StageReport(name=name, seconds=round(s, 4)) for name, s in self._times.items())
