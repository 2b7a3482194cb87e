"""The parts of an engine's benchmark: measured one after the other, each written as soon as it is known."""

import argparse
import importlib
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.machine import setting
from benchmarks.table import HEAD, Section, in_order, replaced
from service.bundle import read_manifest

RESULTS = Path(__file__).with_name("RESULTS.md")


class OfBundle(Protocol):
    """What the parts of an engine share."""

    @property
    def bundle(self) -> Path:
        """The bundle's folder."""


@dataclass(frozen=True)
class Parts:
    """A program, and by the name of a part its module and the sections that it writes, in the order of the results."""

    program: str
    of: Mapping[str, tuple[str, tuple[str, ...]]]

    def parser(self, description: str | None) -> argparse.ArgumentParser:
        """The options that all engines share."""
        made = argparse.ArgumentParser(description=description)
        made.add_argument("--only", default=",".join(self.of), type=self._chosen, help=f"any of {', '.join(self.of)}")
        made.add_argument("--quick", action="store_true", help="a few of everything, in minutes")
        made.add_argument("--bundle", type=Path, help="a bundle's folder instead of the one in use")
        made.add_argument("--data", type=Path, default=Path("runs/corpus"))
        made.add_argument("--results", type=Path, default=RESULTS)
        made.add_argument("--seed", type=int, default=0)
        return made

    def measure(self, names: list[str], context: OfBundle, results: Path, *, quick: bool) -> None:
        """Measure some parts; one that fails is reported at the end, and the others still run."""
        failed = [name for name in names if not self._part(name, context, results, quick=quick)]
        if failed:
            sys.exit(f"could not be measured: {', '.join(failed)}")

    def _chosen(self, text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := set(names) - set(self.of):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(self.of)}")
        return [name for name in self.of if name in names]

    def _part(self, name: str, context: OfBundle, results: Path, *, quick: bool) -> bool:
        measure: Callable[[OfBundle], tuple[Section, ...]] = importlib.import_module(self.of[name][0]).measure
        at = setting(read_manifest(context.bundle).label)
        began = time.perf_counter()
        try:
            sections = measure(context)
        except Exception:  # one part that cannot be measured must not keep the others from it
            traceback.print_exc()
            return False
        command = shlex.join(["python", "-m", self.program, "--only", name, *(["--quick"] if quick else [])])
        line = at.line(command, time.perf_counter() - began)
        self._write(results, tuple(Section(s.name, s.title, f"{line}\n{s.body}") for s in sections))
        for section in sections:
            print(f"\n## {section.title}\n\n{section.body}", flush=True)
        return True

    def _write(self, path: Path, sections: tuple[Section, ...]) -> None:
        """Put sections into the results file, which is made where there is none."""
        text = path.read_text(encoding="utf-8") if path.exists() else HEAD
        for section in sections:
            text = replaced(text, section)
        path.write_text(in_order(text, [s for _, names in self.of.values() for s in names]), encoding="utf-8")
