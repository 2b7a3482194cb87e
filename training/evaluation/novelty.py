"""Whether composed music is a copy: melodies shared with training pieces, and the nearest training clip by sound."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.novelty import NOTES, Index, index_of, melody, runs_of
from benchmarks.table import Cell, Section, table, verdict
from generators.score.score import Score
from training.evaluation.affect import embedded
from training.evaluation.intervals import Interval, bootstrap, bootstrap_two
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.evaluation.sounds import Stage

Floats = NDArray[np.float64]


def measure(material: Material, stage: Stage) -> Report:
    """Composed pieces and held-out pieces against the training corpus."""
    index = index_of(material.corpus)
    scores = {"composed": [w.score for w in stage.written], "held-out": [w.real for w in stage.written]}
    known = {name: shares_known(group, index) for name, group in scores.items()}
    nearest = {name: shares_nearest(group, index) for name, group in scores.items()}
    sounds = {"composed": stage.sounds.made, "held-out": stage.sounds.real}
    library = material.answers.points
    closest = {
        name: nearest_cosines(np.stack([embedded(material, w) for w in group]), library)
        for name, group in sounds.items()
    }
    rows: list[list[Cell]] = [
        [
            name,
            len(known[name]),
            str(bootstrap(_mean, known[name])),
            str(bootstrap(_mean, nearest[name])),
            float(np.max(nearest[name])),
            str(bootstrap(_mean, closest[name])),
            float(np.max(closest[name])),
        ]
        for name in scores
    ]
    more = bootstrap_two(lambda a, b: float(a.mean() - b.mean()), known["composed"], known["held-out"])
    header = ["pieces", "number", "runs known", "nearest piece", "most", "nearest clip or caption, cosine", "most "]
    body = _said(index, more) + table(header, rows)
    figures = {f"runs known, {name}": float(values.mean()) for name, values in known.items()}
    figures |= {f"nearest by CLAP, {name}": float(values.mean()) for name, values in closest.items()}
    return Report(Section("copies", "Novelty against the training corpus", body), figures)


def shares_known(scores: Sequence[Score], index: Index) -> Floats:
    """For every piece with a melody: the share of its runs that occur in training melodies."""
    return np.array([float(index.known(runs).mean()) for runs in _runs(scores)])


def shares_nearest(scores: Sequence[Score], index: Index) -> Floats:
    """For every piece with a melody: the largest share of its distinct runs that one training piece holds."""
    return np.array([index.nearest(runs) for runs in _runs(scores)])


def nearest_cosines(points: NDArray[np.float32], library: NDArray[np.float32]) -> Floats:
    """The cosine [M] of each point with the nearest one of a library [N D]."""
    blocks = [(block @ library.T).max(axis=1) for block in np.array_split(points, max(1, len(points) // 64))]
    return np.concatenate(blocks).astype(np.float64)


def _runs(scores: Sequence[Score]) -> list[NDArray[np.int64]]:
    found = [runs_of(melody(s)) for s in scores]
    return [runs for runs in found if len(runs) >= NOTES]


def _mean(values: Floats) -> float:
    return float(values.mean())


def _said(index: Index, more: Interval) -> str:
    return (
        f"Runs of {NOTES} melody notes as intervals (transposed copies count), looked up among {len(index.runs)} "
        f"runs of {len(np.unique(index.piece))} training pieces. Known: share of a piece's runs that occur "
        "anywhere; nearest piece: the largest share of its distinct runs that any one training piece holds. By "
        "sound: the highest cosine of its CLAP point with any point of a training piece. The background is what "
        "the held-out pieces, whose captions asked for the music, share with the training pieces themselves. Means "
        "with 95 % bootstrap intervals.\n\n"
        f"Bar: no more known runs than the background has; {verdict(met=more.low <= 0.0)} "
        f"(composed less held-out: {more}).\n\n"
    )
