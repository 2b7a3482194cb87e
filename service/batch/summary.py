"""The summary of a batch: every item of it in its order, with how it ended, as a table and as a page."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from service.batch.journal import Entry
from service.batch.page import write_page
from service.batch.rows import Row
from service.staging import Staging

CSV, HTML = "summary.csv", "summary.html"
COLUMNS = (
    "id",
    "status",
    "duration_s",
    "tempo_bpm",
    "key",
    "style",
    "loudness_lufs",
    "true_peak_dbtp",
    "real_time_factor",
    "seconds",
    "code",
    "problem",
    "files",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_summary(rows: Callable[[], Iterable[Row]], folder: Path, title: str) -> None:
    """Write both, each whole or not at all; `rows` is gone through more than once, so that none need be kept.

    Raises:
        OutputUnwritable: when there is no room for them.
    """
    writers: dict[str, Callable[[TextIO], None]] = {
        CSV: lambda out: write_table(rows(), out),
        HTML: lambda out: write_page(rows, out, title),
    }
    with Staging() as staging:
        for name, write in writers.items():
            with staging.path(folder / name).open("w", encoding="utf-8", newline="") as out:
                write(out)
        staging.publish()


def write_table(rows: Iterable[Row], out: TextIO) -> None:
    """CSV; texts that a spreadsheet would take for a formula get an apostrophe before them."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([_text(row.id), row.status, *_figures(row.entry), *_end(row.entry)])


def _figures(entry: Entry | None) -> Iterable[object]:
    figures = entry.figures if entry else None
    return [getattr(figures, name) if figures else "" for name in COLUMNS[2:9]]


def _end(entry: Entry | None) -> Iterable[object]:
    if entry is None:
        return ["", "", "", ""]
    problem = entry.problem
    words = [problem.code or "", _text(" ".join(problem.detail.split()))] if problem else ["", ""]
    return [entry.seconds, *words, " ".join(f.path for f in entry.outputs if f.kind in {"audio", "video"})]


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
