"""Whether a description finds its piece among a thousand, and a piece its description."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, Section, table, verdict
from training.evaluation.intervals import Interval, bootstrap
from training.evaluation.material import Clips, Material
from training.evaluation.report import Report

CUTOFFS = (1, 5, 10)
BAR = 0.8  # recall at 10, among PIECES
PIECES = 1000
CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500)

Points = NDArray[np.float32]
Ranks = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """Recall at every cutoff, and the median rank (1 is the best)."""

    recall: dict[int, Interval]
    median: Interval


def ranks(queries: Points, library: Points) -> Ranks:
    """How many rows of the library lie nearer to query i than row i does, ties half: [Q], 0 is the best."""
    similarity = queries.astype(np.float64) @ library.astype(np.float64).T
    own = similarity.diagonal()[:, None]
    nearer = (similarity > own + 1e-9).sum(1)
    tied = (np.abs(similarity - own) <= 1e-9).sum(1) - 1
    out: Ranks = nearer + 0.5 * tied
    return out


def recall(found: Ranks, cutoff: int) -> float:
    """Share of queries whose own row is among the first `cutoff`."""
    return float(np.mean(found < cutoff))


def summary(found: Ranks, *, seed: int = 0) -> Found:
    """Recall and median rank with intervals over queries."""
    at = {k: bootstrap(lambda r, k=k: recall(r, k), found, seed=seed) for k in CUTOFFS}
    return Found(at, bootstrap(lambda r: float(np.median(r)) + 1.0, found, seed=seed))


def measure(material: Material) -> Report:
    """Retrieval both ways with the bundle's CLAP, beside what chance finds."""
    clips = material.clips.first(PIECES, seed=material.seed)
    text, audio = material.text_points(clips.captions), material.audio_points(clips)
    rng = np.random.default_rng(material.seed)
    ways = {
        "description -> music": ranks(text, audio),
        "music -> description": ranks(audio, text),
        "exchanged descriptions": ranks(text[rng.permutation(len(text))], audio),
    }
    found = {name: summary(r, seed=material.seed) for name, r in ways.items()}
    rows: list[list[Cell]] = [
        [
            name,
            *(str(f.recall[k]) for k in CUTOFFS),
            f"{f.median.value:.0f} ({f.median.low:.0f} .. {f.median.high:.0f})",
        ]
        for name, f in found.items()
    ]
    chance: list[Cell] = ["chance", *(f"{k / len(text):.3f}" for k in CUTOFFS), f"{(len(text) + 1) / 2:.0f}"]
    header = ["way", *(f"R@{k}" for k in CUTOFFS), "median rank"]
    body = _said(clips, found["description -> music"].recall[10]) + table(header, [*rows, chance])
    figures = {f"{name}, R@{k}": f.recall[k].value for name, f in list(found.items())[:2] for k in CUTOFFS}
    figures["description -> music, median rank"] = found["description -> music"].median.value
    series = {name: [recall(r, k) for k in CURVE] for name, r in ways.items()}
    return Report(Section("retrieval", "Retrieval", body), figures, {"cutoffs": [float(k) for k in CURVE], **series})


def _said(clips: Clips, at_ten: Interval) -> str:
    met = at_ten.value >= BAR and len(clips) >= PIECES
    return (
        f"{len(clips)} pieces that nothing was trained on, one clip of 10 s each, with {clips.what} as text; "
        f"cosines of the bundle's own CLAP. Intervals: 95 % bootstrap over queries; ties count half. Bar: R@10 of "
        f"{BAR} from description to music among {PIECES}; {verdict(met=met)}.\n\n"
    )
