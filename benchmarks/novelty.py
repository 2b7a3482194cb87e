"""Whether composed melodies are copies: runs of eight notes that the training corpus holds too."""

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.context import Context
from benchmarks.table import Cell, Section, table
from generators.score.score import ROLES, Note, Role, Score

NOTES = 8  # in a run; transposed copies count
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """Every run of the training melodies, sorted, and the piece that each is in."""

    runs: Ints
    piece: Ints

    def known(self, runs: Ints) -> NDArray[np.bool_]:
        """Which runs occur."""
        at = np.minimum(np.searchsorted(self.runs, runs), len(self.runs) - 1)
        return np.asarray(self.runs[at] == runs)

    def nearest(self, runs: Ints) -> float:
        """The largest share of these runs that one single piece holds."""
        distinct = np.unique(runs)
        first, last = (np.searchsorted(self.runs, distinct, side=s) for s in ("left", "right"))
        holders = [np.unique(self.piece[a:b]) for a, b in zip(first, last, strict=True) if b > a]
        if not holders:
            return 0.0
        return float(np.bincount(np.concatenate(holders)).max() / len(distinct))


def measure(context: Context) -> tuple[Section, ...]:
    """Composed melodies and held-out ones against the training corpus."""
    index = index_of(context.data)
    made = context.made[: context.counts.novel_pieces]
    groups = {"composed": [m.score for m in made], "held-out": [m.real for m in made]}
    arranged = [m for m in context.made if m.piece.source == "arranged"]
    written = [m for m in context.made if m.piece.source != "arranged"]
    groups["held-out, by our arranger"] = [m.real for m in arranged][: len(made)]
    groups["held-out, transcribed"] = [m.real for m in written][: len(made)]
    rows: list[list[Cell]] = []
    for name, scores in groups.items():
        melodies = [runs for s in scores if len(runs := runs_of(melody(s))) >= NOTES]
        if melodies:
            shares = [float(index.known(runs).mean()) for runs in melodies]
            near = [index.nearest(runs) for runs in melodies]
            rows.append([name, len(melodies), float(np.mean(shares)), float(np.median(near)), float(np.max(near))])
    text = (
        f"Runs of {NOTES} notes of the melody, as intervals, looked up among {len(index.runs)} runs of "
        f"{len(np.unique(index.piece))} training pieces. Nearest: the largest share of a piece's distinct runs that "
        "any single training piece holds (1: the whole melody is in it). A composed piece should not be nearer to the "
        "corpus than held-out pieces are; those of our own arranger share its figures with the training pieces.\n\n"
    )
    header = ["pieces", "number", "runs known", "nearest, median", "nearest, largest"]
    return (Section("novelty", "Novelty", text + table(header, rows)),)


def melody(score: Score) -> Ints:
    """Pitches of the top line: of the lead, or of the counter where there is none."""
    notes = score.parts.get(Role.LEAD) or score.parts.get(Role.COUNTER) or ()
    return top_line(notes)


def top_line(notes: tuple[Note, ...]) -> Ints:
    """The highest pitch at each onset."""
    line = [max(n.pitch for n in group) for _, group in groupby(sorted(notes), key=lambda n: n.onset)]
    return np.asarray(line, dtype=np.int64)


def runs_of(pitches: Ints) -> Ints:
    """Every run of NOTES pitches as one number, the same for its transpositions."""
    steps = np.clip(np.diff(pitches), -31, 31) + 31
    if len(steps) < NOTES - 1:
        return np.zeros(0, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(steps, NOTES - 1)
    return np.asarray(windows @ (64 ** np.arange(NOTES - 1, dtype=np.int64)))


def index_of(folder: Path) -> Index:
    """The runs of all training melodies."""
    runs: list[Ints] = []
    piece: list[Ints] = []
    for number, (lead, counter) in enumerate(_training_lines(folder)):
        found = runs_of(lead if len(lead) else counter)
        runs.append(found)
        piece.append(np.full(len(found), number))
    every, of = np.concatenate(runs), np.concatenate(piece)
    order = np.argsort(every, kind="stable")
    return Index(every[order], of[order])


def _training_lines(folder: Path) -> list[tuple[Ints, Ints]]:
    """Top lines of lead and counter of each training piece, straight from the arrays: `Note` objects are many."""
    notes = np.load(folder / "notes.npy", mmap_mode="r")
    out = []
    with (folder / "pieces.jsonl").open(encoding="utf-8") as file:
        for line in file:
            head = json.loads(line)
            if head["split"] == "train":
                rows = np.asarray(notes[head["first"] : head["last"]])
                out.append((_top(rows, Role.LEAD), _top(rows, Role.COUNTER)))
    return out


def _top(rows: NDArray[np.int16], role: Role) -> Ints:
    """The highest pitch at each onset of rows (role, onset, pitch, duration, velocity)."""
    mine = rows[rows[:, 0] == ROLES.index(role)]
    mine = mine[np.lexsort((-mine[:, 2], mine[:, 1]))]
    first = np.append(True, np.diff(mine[:, 1]) > 0) if len(mine) else np.zeros(0, bool)
    return np.asarray(mine[first, 2], np.int64)
