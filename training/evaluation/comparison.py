"""Figures of two bundles side by side, from what their reports left."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.table import Cell, Section, table
from training.evaluation.report import Report, bundle_of, kept

#: Words in a figure's name for which less is better, and for which neither is.
LESS = ("rank", "error", "Frechet", "misfit", "seconds", "known", "gap", "AUC", "outside")
NEITHER = ("held-out", "nearest", "evaluations")


def compare(before: Path, after: Path) -> Section:
    """The table of every figure that both folders hold.

    Raises:
        FileNotFoundError: one of the folders holds no report.
    """
    reports = {folder: kept(folder) for folder in (before, after)}
    for folder, found in reports.items():
        if not found:
            raise FileNotFoundError(f"{folder} holds no reports; measure a bundle into it with --keep first")
    old, new = (figures_of(reports[folder]) for folder in (before, after))
    rows: list[list[Cell]] = [
        [name, old[name], value, better(name, old[name], value)] for name, value in new.items() if name in old
    ]
    missing = sorted(set(new) ^ set(old))
    text = (
        f"{bundle_of(before)} before, {bundle_of(after)} after, on the same held-out material and by the same judges."
    )
    if missing:
        text += f" Measured of one of them only: {', '.join(missing)}."
    return Section("before_after", "Before and after", f"{text}\n\n" + table(["figure", "before", "after", ""], rows))


def figures_of(reports: Mapping[str, Report]) -> dict[str, float]:
    """All figures, in the order of the sections."""
    return {name: value for report in reports.values() for name, value in report.figures.items()}


def better(name: str, before: float, after: float) -> str:
    """How a figure moved; nothing of one for which neither way is better."""
    if any(word in name for word in NEITHER):
        return ""
    if abs(after - before) <= 0.005 * max(abs(before), abs(after)):
        return "the same"
    less = any(word in name for word in LESS)
    return "better" if (after < before) == less else "worse"
