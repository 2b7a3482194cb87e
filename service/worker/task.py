"""What goes over the pipe between supervisor and child: tasks in, progress and outcomes out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.cue_sheet import CueSheet
from schemas.problem import Problem
from schemas.report import Report
from schemas.request import MusicRequest
from schemas.soundtrack import Format, JobKind, OutputKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files a task is to write, into its folder."""

    format: Format
    stems: bool = False
    midi: bool = False
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One job for the child: every path is local, everything it writes goes under `folder` and is called `title`."""

    job_id: str
    kind: JobKind
    request: MusicRequest
    wanted: Wanted
    folder: Path
    title: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a task wrote."""

    path: Path
    kind: OutputKind
    take: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task came to: files and reports, or a problem (`retry`: it may pass another time)."""

    job_id: str
    made: tuple[Made, ...] = ()
    reports: tuple[Report, ...] = ()
    cue_sheet: CueSheet | None = None
    warnings: tuple[str, ...] = ()
    problem: Problem | None = None
    retry: bool = False


class Stopped(BaseException):
    """Raised by `say` when its job is to stop; not an Exception, so that no engine takes it for a failure of its own.

    An engine need not catch it: tasks without an outcome are handed to it again, without the one that stopped.
    """


Say = Callable[[str, str, float], None]  # (job id, stage, fraction done); raises Stopped


class Engine(Protocol):
    """Lives in the child. One instance serves all tasks of a process, so that models stay warm."""

    def warm(self) -> str:
        """Load everything; returns the bundle's label. Raises BadWeights."""

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        """Make compatible tasks together; one outcome each, as they come. A task's bytes do not depend on the others.

        Errors of one task become its outcome; what is raised here ends the child.
        """
