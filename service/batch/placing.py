"""Moves what a task made to its places in the folder of the batch; a file is there whole or not at all."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from schemas.report import Report
from schemas.soundtrack import OutputKind
from service.batch.journal import Placed
from service.batch.spec import Spec
from service.bundle import sha256_of
from service.errors import OutputUnwritable
from service.worker.naming import name_in
from service.worker.task import Made, Outcome

SUFFIXES: dict[OutputKind, str] = {"midi": ".mid", "picture": ".png", "report": ".report.json"}
STEMS = "stems"


@dataclass(frozen=True)
class Places:
    """Where the files of one item go, relative to the folder of the batch."""

    spec: Spec

    def of(self, made: Made, name: str) -> str:
        """The place of a file; `name` is its name within the task's folder."""
        if made.kind == "stem":
            return self._stem(made.take, name)
        if made.kind == "cue_sheet":  # the same for every take
            return self.sheet
        suffix = f".{self.spec.container}" if made.kind in {"audio", "video"} else SUFFIXES[made.kind]
        return self.spec.names[made.take - 1] + suffix

    @property
    def sheet(self) -> str:
        """The place of the cue sheet."""
        return f"{self.spec.id}.cues.json"

    def main(self) -> Iterator[str]:
        """The places of the music itself."""
        return (f"{name}.{self.spec.container}" for name in self.spec.names)

    def _stem(self, take: int, name: str) -> str:
        role = name.removeprefix(f"{STEMS}-").removeprefix(f"take-{take}-")
        within = (f"take-{take}", role) if self.spec.takes > 1 else (role,)
        return "/".join((STEMS, self.spec.id, *within))


def place(outcome: Outcome, spec: Spec, work: Path, folder: Path) -> tuple[Placed, ...]:
    """Publish everything that a task made; `work`, its folder, must lie on the same disk.

    Raises:
        OutputUnwritable: when a place cannot be written.
    """
    places, plan = Places(spec), {}
    for made in outcome.made:
        plan[name_in(work, made.path)] = places.of(made, name_in(work, made.path)), made
    try:
        _write_reports(outcome, {name: where for name, (where, _) in plan.items()})
        if outcome.cue_sheet is not None and not any(m.kind == "cue_sheet" for _, m in plan.values()):
            sheet = work / "cue-sheet.json"
            _write(sheet, outcome.cue_sheet)
            plan[sheet.name] = places.sheet, Made(sheet, "cue_sheet", 1, "application/json")
        placed = tuple(_move(made, where, folder) for where, made in plan.values())
        for changed in sorted({(folder / file.path).parent for file in placed}):
            _sync(changed)
    except OSError as exc:
        where = exc.filename2 or exc.filename or folder
        raise OutputUnwritable(f"{where}: cannot be written ({exc.strerror}); make room, or choose another -o") from exc
    return placed


def _write_reports(outcome: Outcome, places: dict[str, str]) -> None:
    """Write each report anew, with the places that its files have now."""
    reports = [made for made in outcome.made if made.kind == "report"]
    for made, report in zip(reports, outcome.reports, strict=False):
        _write(made.path, _moved(report, places))


def _moved(report: Report, places: dict[str, str]) -> Report:
    artifacts = tuple(a.model_copy(update={"path": places.get(a.path, a.path)}) for a in report.artifacts)
    return report.model_copy(update={"artifacts": artifacts})


def _move(made: Made, where: str, folder: Path) -> Placed:
    final = folder / where
    final.parent.mkdir(parents=True, exist_ok=True)
    _sync(made.path)  # the journal must not know of a file whose content a power cut can still take away
    size, sha256 = made.path.stat().st_size, sha256_of(made.path)
    made.path.replace(final)
    return Placed(path=where, kind=made.kind, take=made.take, n_bytes=size, sha256=sha256)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, model: BaseModel) -> None:
    path.write_text(model.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
