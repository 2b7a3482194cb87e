"""Whether the tagger Frechet distance may be reported: every way of spoiling a sound must raise it.

`python -m benchmarks.judges` takes clips of held-out pieces that `training.judges.clips` rendered, spoils them, and
compares each set with clean clips of other held-out pieces.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.machine import setting
from benchmarks.table import Cell, Section, replaced, table, verdict
from generators.score.style import STYLES
from generators.waveform import Waveform
from training.frechet import tagger_frechet_distance
from training.judges.clips import Sounding, balanced, load_set
from training.judges.degradations import Spoiled, Spoiling, crushed, pink_noise, wobbling
from training.judges.figures import MOODS, evaluate
from training.judges.labelled import ANSWERS, Labelled, load_labelled
from training.tagger import WEIGHTS, Tagger

Rows = NDArray[np.float32]
Spoil = Callable[[Waveform, int], Waveform]
RESAMPLES, REFERENCE = 300, 434  # of the bootstrap; clean clips, 31 of every style
HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """A way of spoiling, how much, and whether the gate asks for it (the judge never trained on the others)."""

    way: str
    amount: str
    spoil: Spoil
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Clean:
    """What lies between clean sets: of the clips and the reference, its 95 % interval, and `floor`: of two halves."""

    distance: float
    interval: tuple[float, float]
    floor: float


@dataclass(frozen=True, slots=True)
class Raised:
    """How far a condition lies from the reference, how far above the clean clips, and how far from these (`itself`).

    `above`: median, 2.5th and 97.5th percentile of the resamples.
    """

    condition: Condition
    distance: float
    above: tuple[float, float, float]
    itself: float

    @property
    def surely(self) -> bool:
        """Whether the distance rises in at least 97.5 % of resamples."""
        return self.above[1] > 0.0


def conditions() -> tuple[Condition, ...]:
    """Mildest first within each way."""
    asked = {
        Spoiling.NOISE: ((40.0, 30.0, 20.0, 10.0, 0.0), "{:g} dB SNR"),
        Spoiling.SHUFFLE: ((1.0, 0.5, 0.25), "blocks of {:g} s"),
        Spoiling.CLIPPING: ((6.0, 12.0, 18.0, 24.0), "{:g} dB over the peak"),
        Spoiling.LOWPASS: ((4000.0, 2000.0, 1000.0), "{:g} Hz"),
    }
    known = [
        Condition(kind.value, form.format(amount), Spoiled(kind, amount).applied)
        for kind, (amounts, form) in asked.items()
        for amount in amounts
    ]
    other: tuple[tuple[str, str, Spoil], ...] = (
        ("pink noise", "20 dB SNR", lambda w, seed: pink_noise(w, 20.0, np.random.default_rng(seed))),
        ("pink noise", "10 dB SNR", lambda w, seed: pink_noise(w, 10.0, np.random.default_rng(seed))),
        ("coarse rounding", "8 bits", lambda w, _: crushed(w, 8)),
        ("coarse rounding", "5 bits", lambda w, _: crushed(w, 5)),
        ("wobbling tape", "25 cents", lambda w, _: wobbling(w, 25.0)),
        ("wobbling tape", "60 cents", lambda w, _: wobbling(w, 60.0)),
    )
    return (*known, *(Condition(way, amount, spoil, asked=False) for way, amount, spoil in other))


def measured(
    features: Callable[[Waveform], Rows], sounding: Sounding, reference: Rows, *, resamples: int, seed: int
) -> tuple[Clean, list[Raised]]:
    """Distances of the clean clips and of every condition, over paired resamples of whole pieces."""
    rng = np.random.default_rng(seed)
    of_piece = [np.flatnonzero(sounding.piece == p) for p in np.unique(sounding.piece)]
    draws = [
        (
            rng.integers(len(reference), size=len(reference)),
            np.concatenate([of_piece[p] for p in rng.integers(len(of_piece), size=len(of_piece))]),
        )
        for _ in range(resamples)
    ]

    def resampled(rows: Rows) -> NDArray[np.float64]:
        return np.array([tagger_frechet_distance(reference[r], rows[c]) for r, c in draws])

    clean = heard(features, sounding, lambda wave, _: wave)
    base = resampled(clean)
    found = []
    for condition in conditions():
        rows = heard(features, sounding, condition.spoil)
        low, middle, high = np.percentile(resampled(rows) - base, (2.5, 50.0, 97.5)).tolist()
        distance, itself = (tagger_frechet_distance(other, rows) for other in (reference, clean))
        found.append(Raised(condition, distance, (middle, low, high), itself))
        print(f"{condition.way}, {condition.amount}: {distance:.3f}", flush=True)
    low, high = np.percentile(base, (2.5, 97.5)).tolist()
    return Clean(tagger_frechet_distance(reference, clean), (low, high), halved(clean, sounding, rng)), found


def halved(rows: Rows, sounding: Sounding, rng: np.random.Generator) -> float:
    """Median distance of one half of the pieces from the other, over `HALVINGS` draws; every style is halved."""
    pieces, first = np.unique(sounding.piece, return_index=True)
    styles = sounding.targets[first, 0]
    apart = []
    for _ in range(HALVINGS):
        order = np.lexsort([rng.random(len(pieces)), styles])
        ours = np.isin(sounding.piece, pieces[order[::2]])
        apart.append(tagger_frechet_distance(rows[ours], rows[~ours]))
    return float(np.median(apart))


def heard(features: Callable[[Waveform], Rows], sounding: Sounding, spoil: Spoil) -> Rows:
    """The first feature row of every clip after spoiling [M D]."""
    return np.stack([features(spoil(sounding.wave(row), row))[0] for row in range(len(sounding))])


def refused(found: Sequence[Raised]) -> list[str]:
    """Why the distance may not be reported; empty where the gate is passed."""
    asked = [r for r in found if r.condition.asked]
    reasons = [f"{r.condition.way} ({r.condition.amount}) does not surely raise it" for r in asked if not r.surely]
    for way, group in groupby(asked, key=lambda r: r.condition.way):
        if any(b.distance <= a.distance for a, b in pairwise(group)):
            reasons.append(f"more {way} does not always raise it more")
    return reasons


def section(clean: Clean, found: Sequence[Raised], told: str, sounding: Sounding) -> Section:
    """The part of the results file."""
    between = f"({clean.interval[0]:.2f} .. {clean.interval[1]:.2f})"
    rows: list[list[Cell]] = [["clean", "-", clean.distance, between, "-", 0.0, "-", "-"]]
    for r in found:
        above = f"{r.above[0]:+.2f} ({r.above[1]:+.2f} .. {r.above[2]:+.2f})"
        asked = "yes" if r.condition.asked else "-"
        way = [r.condition.way, r.condition.amount]
        rows.append([*way, r.distance, above, r.surely, r.itself, r.itself > clean.floor, asked])
    reasons = refused(found)
    text = (
        f"Tagger Frechet distance (TFD, squared, `training/frechet.py`) of {len(sounding)} clips of 10 s from "
        f"{len(np.unique(sounding.piece))} pieces of the test split, from {REFERENCE} clean clips of the valid split, "
        "styles equally often. It is no FAD and not comparable with one. Above: how far the distance lies above that "
        f"of the same clips clean, median and 95 % interval of {RESAMPLES} paired bootstrap resamples of whole pieces; "
        "for clean its own interval, which resampling itself shifts up. From itself: the distance from the same clips "
        f"clean; the floor beside it, {clean.floor:.3g}, is that of one half of the clean clips from the other (median "
        f"of {HALVINGS} halvings by pieces within styles; of half the rows, so it lies high). The judge was trained to "
        "tell the four ways that the gate asks for (by other amounts, on other pieces); the others it never heard.\n\n"
        f"Bar: every asked way raises the distance surely, more of it more; {verdict(met=not reasons)}"
        f"{': ' + '; '.join(reasons) if reasons else ''}.\n\n"
    )
    header = ["way", "amount", "TFD", "above", "surely raised", "from itself", "over the floor", "asked by the gate"]
    return Section("judges", "The judge and its gate", text + table(header, rows) + "\n" + told)


def answers(tagger: Tagger, held_out: Labelled) -> str:
    """What the judge says of clean held-out clips, next to what would be right without hearing."""
    figures = evaluate(tagger.net, held_out)
    rows: list[list[Cell]] = [[name, "share right", figures[name], figures[f"{name}_commonest"]] for name in ANSWERS]
    rows += [[name, "Pearson r with the label", figures[f"{name}_r"], 0.0] for name in MOODS]
    rows.append(["instruments", "F1 at 0.5", figures["instruments_f1"], None])
    rows.append(["instruments", "mAP", figures["instruments_map"], figures["instruments_share"]])
    text = (
        f"Its answers on {figures['clips']:.0f} clean clips of the test split. Tempo in four classes, valence and "
        f"arousal in thirds; without hearing: always the commonest, or a random order.\n\n"
    )
    return text + table(["answer", "measure", "judge", "without hearing"], rows)


@torch.inference_mode()
def reference_rows(tagger: Tagger, held_out: Labelled, clips: int, seed: int) -> Rows:
    """Feature rows [clips D] of clean clips, styles in turn."""
    chosen = np.sort(balanced([STYLES[s] for s in held_out.targets[:, 0].tolist()], clips, seed))
    blocks = np.array_split(chosen, -(-len(chosen) // 64))
    rows: Rows = np.concatenate([tagger.net(held_out.view(b)).feature.numpy() for b in blocks])
    return rows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--data", type=Path, default=Path("runs/corpus"))
    parser.add_argument("--clips", type=Path, default=Path("runs/tagger/clips/test"))
    parser.add_argument("--out", type=Path, default=Path("runs/tagger/judges.md"))
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    at, began = setting("judges"), time.perf_counter()
    tagger, sounding = Tagger.load(given.weights), load_set(given.clips)
    valid, test = (load_labelled(given.data, split) for split in ("valid", "test"))
    measure = partial(measured, resamples=given.resamples, seed=given.seed)
    clean, found = measure(tagger.features, sounding, reference_rows(tagger, valid, REFERENCE, given.seed))
    part = section(clean, found, answers(tagger, test), sounding)
    line = at.line("python -m benchmarks.judges", time.perf_counter() - began)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(replaced("", Section(part.name, part.title, f"{line}\n{part.body}")).lstrip())
    print(part.body)


if __name__ == "__main__":
    main()
