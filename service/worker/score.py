"""The engine of the worker: the same pipeline as the command line's, with its models kept warm."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from schemas.report import Report
from schemas.request import MusicRequest
from schemas.soundtrack import OutputKind
from schemas.source import CaptionSource, StorySource
from service.outputs import Outputs
from service.progress import Silent, Stages
from service.worker.naming import name_in
from service.worker.problem import problem_of
from service.worker.task import Made, Outcome, Say, Stopped, Task

if TYPE_CHECKING:
    from service.parts import Parts
    from service.pipeline import Scoring

MEDIA_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mid": "audio/midi",
    ".png": "image/png",
    ".json": "application/json",
}
log = logging.getLogger("tonereel.worker.score")
WARMING = MusicRequest(
    sources=(CaptionSource(text="calm piano"), StorySource(text="A door opens. The sea is still.")), duration_s=2.0
)


class ScoreEngineHost:
    """Makes soundtracks and cue sheets; `parts` is what makes them, by default what the environment names."""

    def __init__(self, parts: "Parts | None" = None) -> None:
        self._parts = parts

    def warm(self) -> str:
        """Check and load the bundle, and make two seconds of music, so that the first job finds everything loaded.

        Raises:
            BadWeights: when the bundle is not usable.
        """
        parts = self._loaded()
        from service.pipeline import run

        with tempfile.TemporaryDirectory(prefix="tonereel-") as folder:
            run(WARMING, Outputs(Path(folder) / "warm.wav"), parts, Silent())
        return parts.bundle

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        """Make tasks, their notes in one call of the flow; what fails in one is its outcome and no other's."""
        from service.pipeline import run_together, scoring

        parts = self._loaded()
        for task in tasks:
            if task.kind == "cue_sheet":
                yield from self._outcome(task, partial(_sheet, task, parts, say))
            elif task.request.edit is not None:
                yield from self._outcome(task, partial(_edited, task, parts, say))
        music = [task for task in tasks if task.kind == "soundtrack" and task.request.edit is None]
        together = [_stoppable(scoring(t.request, _outputs(t), parts, _Told(t, say))) for t in music]
        for i, made in run_together(together, parts):
            yield from self._outcome(music[i], partial(_music, music[i], made))

    def _outcome(self, task: Task, make: Callable[[], Outcome]) -> Iterator[Outcome]:
        """What a task comes to; nothing for one that was stopped."""
        try:
            yield make()
        except (Stopped, Halted):
            return
        except Exception as exc:  # whatever fails is this task's problem; the process goes on
            problem = problem_of(exc, task.folder, *_source_folders(task))
            log.info("%s failed with %s", task.job_id, problem.code, exc_info=problem.retryable)
            yield Outcome(task.job_id, problem=problem, retry=problem.retryable)

    def _loaded(self) -> "Parts":
        if self._parts is None:
            from service.composition import parts_from

            self._parts = parts_from(os.environ)
        return self._parts


def _source_folders(task: Task) -> set[Path]:
    request = task.request
    files = [s.path for s in request.sources if not isinstance(s, StorySource | CaptionSource)]
    return {Path(path).parent for path in (*files, request.melody, request.sound) if path is not None}


class _Told:
    """Progress of a pipeline as the worker hears it."""

    def __init__(self, task: Task, say: Say) -> None:
        self._task, self._say = task, say

    def started(self, stage: str, done: int, total: int) -> None:
        """Say so, and stop here if that is wanted."""
        self._say(self._task.job_id, stage, done / total)

    def finished(self) -> None:
        """The outcome says it."""


class Halted(Exception):
    """A request that was stopped between two stages; the others of its batch go on."""


def _stoppable(scoring: "Scoring") -> "Scoring":
    try:
        return (yield from scoring)
    except Stopped as exc:
        raise Halted from exc


def _outputs(task: Task) -> Outputs:
    folder, wanted = task.folder, task.wanted
    return Outputs(
        folder / f"soundtrack.{wanted.format}",
        stems=folder / "stems" if wanted.stems else None,
        midi=folder / "soundtrack.mid" if wanted.midi else None,
        picture=folder / "soundtrack.png" if wanted.picture else None,
        cue_sheet=folder / "cue-sheet.json",
        called=task.title,
    )


def _music(task: Task, written: tuple[Report, ...] | Exception) -> Outcome:
    """The outcome of a request that was made; raises what went wrong with it."""
    if isinstance(written, Exception):
        raise written
    folder = task.folder
    made, reports = [], []
    for take, local in enumerate(written, 1):
        report = _as_published(local, folder)
        path = folder / ("report.json" if task.request.takes == 1 else f"report-{take}.json")
        _write(path, report)
        made += [_made(Path(a.path), a.kind, take) for a in local.artifacts] + [_made(path, "report", take)]
        reports.append(report)
    remarks = tuple(dict.fromkeys(remark for report in reports for remark in report.remarks))
    return Outcome(task.job_id, made=tuple(made), reports=tuple(reports), warnings=remarks)


def _sheet(task: Task, parts: "Parts", say: Say) -> Outcome:
    from service.looking import look
    from service.pipeline import STAGES_ONCE

    with Stages(_Told(task, say), STAGES_ONCE) as stages:
        sheet = look(task.request, parts, stages).sheet
    path = task.folder / "cue-sheet.json"
    _write(path, sheet)
    return Outcome(task.job_id, made=(_made(path, "cue_sheet", 1),), cue_sheet=sheet)


def _edited(task: Task, parts: "Parts", say: Say) -> Outcome:
    from service.edits import edit_sound

    edited = edit_sound(task.request, _outputs(task), parts, _Told(task, say))
    made = tuple(_made(Path(a.path), a.kind, 1) for a in edited.artifacts)
    return Outcome(task.job_id, made=made, warnings=edited.remarks)


def _as_published(report: Report, folder: Path) -> Report:
    """The report with the names that its files will have, not the folders that they lie in now."""
    artifacts = tuple(a.model_copy(update={"path": name_in(folder, Path(a.path))}) for a in report.artifacts)
    return report.model_copy(update={"artifacts": artifacts})


def _made(path: Path, kind: OutputKind, take: int) -> Made:
    return Made(path, kind, take, MEDIA_TYPES[path.suffix])


def _write(path: Path, model: BaseModel) -> None:
    path.write_text(model.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
