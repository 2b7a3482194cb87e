"""A run of a batch: takes items as somebody is free, publishes what comes of them, and writes it down."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from schemas.problem import TYPE, Problem
from service.batch.item import wanted_of
from service.batch.journal import Entry, Figures, Journal, Placed
from service.batch.manifest import Items
from service.batch.placing import place
from service.batch.verdict import Judge, Verdict
from service.errors import OutputUnwritable
from service.failure import BAD_INPUT, ENGINE_FAILURE, FAILURES
from service.worker.problem import problem_of
from service.worker.task import Outcome, Task

WORK = ".tonereel-batch.work"
SERVER_FAULT = 500


class Show(Protocol):
    """Somebody who watches."""

    def begun(self, id_: str) -> None:
        """Work on an item begins."""

    def said(self, id_: str, stage: str) -> None:
        """A stage of it begins."""

    def finished(self, entry: Entry, *, kept: bool) -> None:
        """It has come to an end, now or (`kept`) in an earlier run."""


@dataclass
class Counts:
    """How many items came to what."""

    made: int = 0
    kept: int = 0
    failed: dict[int, int] = field(default_factory=dict)  # by exit code

    @property
    def exit_code(self) -> int:
        """0 when all are done; a failure of the engine counts more than bad input."""
        return max((code for code, count in self.failed.items() if count), default=0)

    def add(self, entry: Entry, *, kept: bool) -> None:
        """Count one item."""
        if entry.problem is not None:
            code = exit_code_of(entry.problem)
            self.failed[code] = self.failed.get(code, 0) + 1
        elif kept:
            self.kept += 1
        else:
            self.made += 1


@dataclass(slots=True)
class _Open:
    """An item in the making."""

    verdict: Verdict
    folder: Path
    since: float


class Batch:
    """One run; the folder must be locked while it lasts."""

    def __init__(self, items: Items, folder: Path, journal: Journal, judge: Judge, show: Show) -> None:
        self._items, self._folder, self._journal, self._judge, self._show = items, folder, journal, judge, show
        self._work = folder.absolute() / WORK
        self._open: dict[str, _Open] = {}
        self.counts = Counts()

    def tasks(self) -> Iterator[Task]:
        """What is left to do; what needs no work is finished on the way."""
        shutil.rmtree(self._work, ignore_errors=True)  # of a run that was killed
        for number, item in enumerate(self._items):
            verdict = self._judge.verdict(item)
            if verdict.kept is not None:
                self._finish(verdict.kept, kept=True)
            elif verdict.request is None:
                self._record(verdict, Outcome(item.id, problem=problem_of(verdict.error or ValueError())))
            else:
                folder = self._work / str(number)
                self._open[item.id] = _Open(verdict, folder, time.monotonic())
                yield Task(item.id, "soundtrack", verdict.request, wanted_of(item.asked), folder, item.id)

    def verdict(self, job_id: str) -> Verdict:
        """What is known of an open item."""
        return self._open[job_id].verdict

    def begun(self, job_id: str) -> None:
        """Make room for its files."""
        item = self._open[job_id]
        shutil.rmtree(item.folder, ignore_errors=True)  # of a try that died
        try:
            item.folder.mkdir(parents=True)
        except OSError as exc:
            raise OutputUnwritable(f"{item.folder}: cannot be made ({exc.strerror}); choose another -o") from exc
        item.since = time.monotonic()
        self._show.begun(job_id)

    def said(self, job_id: str, stage: str, fraction: float) -> None:
        """Pass it on."""
        del fraction
        self._show.said(job_id, stage)

    def ended(self, outcome: Outcome) -> None:
        """Publish its files and write down how it ended; only then is it done."""
        item = self._open.pop(outcome.job_id)
        placed: tuple[Placed, ...] = ()
        if outcome.problem is None:
            try:
                placed = place(outcome, item.verdict.item.asked, item.folder, self._folder.absolute())
            except OutputUnwritable as exc:
                outcome = Outcome(outcome.job_id, problem=problem_of(exc))
        self._record(item.verdict, outcome, placed, seconds=time.monotonic() - item.since)
        shutil.rmtree(item.folder, ignore_errors=True)

    def close(self) -> None:
        """Remove what was not finished."""
        shutil.rmtree(self._work, ignore_errors=True)

    def _record(
        self, verdict: Verdict, outcome: Outcome, placed: tuple[Placed, ...] = (), *, seconds: float = 0.0
    ) -> None:
        entry = Entry(
            id=verdict.item.id,
            digest=verdict.item.digest,
            inputs=verdict.marks,
            attempt=verdict.attempt,
            seconds=round(seconds, 3),
            outputs=placed,
            figures=_figures(outcome),
            problem=outcome.problem,
        )
        self._journal.append(entry)
        self._finish(entry, kept=False)

    def _finish(self, entry: Entry, *, kept: bool) -> None:
        self.counts.add(entry, kept=kept)
        self._show.finished(entry, kept=kept)


def exit_code_of(problem: Problem) -> int:
    """The exit code that the command line has for a problem."""
    slug = problem.type.removeprefix(TYPE)
    known = next((failure.exit_code for failure in FAILURES.values() if failure.slug == slug), None)
    return known or (ENGINE_FAILURE if problem.status >= SERVER_FAULT else BAD_INPUT)


def _figures(outcome: Outcome) -> Figures | None:
    if outcome.problem is not None or not outcome.reports:
        return None
    report = outcome.reports[0]
    return Figures(
        duration_s=report.duration_s,
        tempo_bpm=report.plan.tempo_bpm,
        key=report.plan.key,
        style=report.plan.style,
        loudness_lufs=report.loudness_lufs,
        true_peak_dbtp=report.true_peak_dbtp,
        real_time_factor=report.real_time_factor,
    )
