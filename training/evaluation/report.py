"""What a measurement leaves: a section to read, figures to compare, and series to draw; kept as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.table import Section

Series = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Report:
    """A section, headline figures by name, and what its picture draws."""

    section: Section
    figures: Mapping[str, float]
    series: Series = field(default_factory=dict)


def keep(report: Report, folder: Path, *, bundle: str) -> None:
    """Write `<folder>/<section>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    section = report.section
    kept = {
        "bundle": bundle,
        "title": section.title,
        "body": section.body,
        "figures": dict(report.figures),
        "series": {name: list(values) for name, values in report.series.items()},
    }
    path = folder / f"{section.name}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=1))
    partial.replace(path)


def kept(folder: Path) -> dict[str, Report]:
    """Every report of a folder, by section."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        read = json.loads(path.read_text())
        section = Section(path.stem, read["title"], read["body"])
        found[path.stem] = Report(section, read["figures"], read["series"])
    return found


def bundle_of(folder: Path) -> str:
    """The label of the bundle that a folder's reports tell of; empty without any."""
    labels = {json.loads(path.read_text())["bundle"] for path in sorted(folder.glob("*.json"))}
    return " and ".join(sorted(labels))
