"""A folder with a manifest, and runs over it with an engine that makes small files."""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.batch.main import Wish, run_batch
from tests.service.batch.tiny import ENGINE, LOG


@dataclass(frozen=True)
class Desk:
    """Where the files of a test are."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def manifest(self) -> Path:
        return self.folder / "items.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "tries.log"

    def write(self, *lines: dict[str, object] | str) -> Path:
        """Write the manifest."""
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        self.manifest.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return self.manifest

    def wish(self, **more: object) -> Wish:
        """What a command line would ask for."""
        return replace(Wish(self.manifest, self.out, is_quiet=True, engine=ENGINE), **more)  # type: ignore[arg-type]

    def run(self, **more: object) -> int:
        """Run the batch; returns its exit code."""
        return run_batch(self.wish(**more))

    def tried(self) -> list[str]:
        """The items that the engine was given, since this was asked last."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        self.log.write_text("", encoding="utf-8")
        return lines

    def rows(self) -> dict[str, dict[str, str]]:
        """The summary by id."""
        with (self.out / "summary.csv").open(encoding="utf-8", newline="") as file:
            return {row["id"]: row for row in csv.DictReader(file)}

    def files(self) -> set[str]:
        """Everything in the folder of results."""
        return {str(p.relative_to(self.out)) for p in self.out.rglob("*") if p.is_file()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty folder."""
    made = Desk(tmp_path)
    made.log.write_text("", encoding="utf-8")
    monkeypatch.setenv(LOG, str(made.log))
    return made
