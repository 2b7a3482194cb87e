"""Whether composed notes keep within the band that held-out pieces span, on every statistic of music."""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.made import LEAST_BARS, MOST_BARS, first_bars
from benchmarks.table import Cell, Section, table, verdict
from training.evaluation.intervals import bootstrap
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.evaluation.sounds import Stage
from training.musicality import NAMES, Envelope, Musicality, statistics

LOW, HIGH = 10.0, 90.0  # percentiles
REFERENCE = 400  # held-out pieces that span the band


def measure(material: Material, stage: Stage) -> Report:
    """Composed pieces and the held-out ones whose captions asked for them."""
    made = [statistics(w.score) for w in stage.written]
    real = [statistics(w.real) for w in stage.written]
    pieces = [p for p in material.held_out if p.score.bars >= LEAST_BARS]
    rows = np.random.default_rng(material.seed).permutation(len(pieces))[:REFERENCE]
    reference = [statistics(first_bars(pieces[i].score, MOST_BARS)) for i in rows]
    return report(made, real, reference)


def report(made: Sequence[Musicality], real: Sequence[Musicality], reference: Sequence[Musicality]) -> Report:
    """The table, whose bar is that every mean of what is composed lies within the band."""
    band = Envelope.of(reference, LOW, HIGH)
    shares = band.share_inside(made)
    lines: list[list[Cell]] = []
    figures: dict[str, float] = {}
    outside = []
    for i, name in enumerate(NAMES):
        mine, theirs = (column(group, i) for group in (made, real))
        mean = float(mine.mean())
        if not band.low[i] - 1e-9 <= mean <= band.high[i] + 1e-9:
            outside.append(name)
        lines.append(
            [
                f"**{name}**" if name in outside else name,
                f"{band.low[i]:.2f} .. {band.high[i]:.2f}",
                str(bootstrap(_mean, mine)),
                str(bootstrap(_mean, theirs)),
                shares[name],
            ]
        )
        figures[f"inside the band, {name}"] = shares[name]
    text = (
        f"{len(made)} pieces for captions of held-out pieces, one draw each, before the ending is closed. The band is "
        f"the {LOW:g}th to {HIGH:g}th percentile of {len(reference)} held-out pieces of at least {LEAST_BARS} bars "
        f"(their first {MOST_BARS}). Means with 95 % bootstrap intervals; 0.8 of held-out pieces are inside a band by "
        "its making.\n\n"
        f"Bar: every mean inside; {verdict(met=not outside)}{f' (outside: {chr(44).join(outside)})' if outside else ''}"
        ".\n\n"
    )
    header = ["statistic", "band", "composed", "held-out, same captions", "share inside"]
    figures["statistics outside the band"] = float(len(outside))
    return Report(Section("band", "Musicality within the held-out band", text + table(header, lines)), figures)


def column(group: Sequence[Musicality], which: int) -> NDArray[np.float64]:
    """One statistic of pieces [N]."""
    return np.array([astuple(m)[which] for m in group])


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean())
