"""How far composed music lies from held-out music in the features of a judge, next to what is plainly worse."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, Section, table
from generators.waveform import Waveform
from training.evaluation.affect import embedded
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.evaluation.sounds import Stage
from training.frechet import tagger_frechet_distance
from training.judges.degradations import clipped, shuffled, white_noise

Floats = NDArray[np.float64]
Features = Callable[[Waveform], NDArray[np.float32]]  # a sound -> rows [W D]
SNR_DB, BLOCK_S, DRIVE_DB = 10.0, 0.5, 18.0
HALVES = 8
CLEAN, COMPOSED = "real, other half", "composed"
SPOILED = ("real with noise", "real, time shuffled", "real, clipped")


def measure(material: Material, stage: Stage) -> Report:
    """Frechet distances of composed music and of spoiled real music to real music, by the tagger and by CLAP."""
    sounds = stage.sounds
    judges: dict[str, Features] = {"CLAP": lambda wave: embedded(material, wave)[None]}
    if material.tagger is not None and material.tagger.exists():
        from training.tagger import Tagger

        judges = {"TFD": Tagger.load(material.tagger).features} | judges
    found = {name: distances(f, sounds.made, sounds.real, seed=material.seed) for name, f in judges.items()}
    return report(found, len(sounds.made), halves=HALVES)


def report(found: Mapping[str, Mapping[str, float]], pieces: int, *, halves: int) -> Report:
    """The table by judge; a judge that one way of spoiling does not raise tells nothing of composed music."""
    proved = {name: all(d[kind] > d[CLEAN] for kind in SPOILED) for name, d in found.items()}
    rows: list[list[Cell]] = [
        [kind, *(d[kind] if proved[j] or kind != COMPOSED else "not valid" for j, d in found.items())]
        for kind in (CLEAN, COMPOSED, *SPOILED)
    ]
    failed = [name for name, good in proved.items() if not good]
    gate = f"{', '.join(failed)} did not rise with each of them" if failed else "each of them raises every distance"
    text = (
        "Squared Frechet distance in the features of the project's own judges: TFD in those of the tagger, which "
        "took no part in training (not FAD, not to be compared with any), and in the bundle's CLAP space, which did. "
        f"Stretches of 15 s of {pieces} pieces composed for captions of held-out pieces, of the other half of those "
        f"pieces' real notes, and of real notes spoiled, each against real notes of the other half (mean over {halves} "
        f"ways to halve), all from the same instruments. Spoiled: white noise {SNR_DB:g} dB below, blocks of "
        f"{BLOCK_S:g} s in another order, clipping after a gain of {DRIVE_DB:g} dB. A distance counts only if all "
        f"three raise it: {gate}.{'' if 'TFD' in found else ' No trained tagger was at hand.'}\n\n"
    )
    figures = {f"Frechet distance, {j}": d[COMPOSED] for j, d in found.items() if proved[j]}
    body = text + table(["against real", *found], rows)
    return Report(Section("distances", "Distance to held-out music", body), figures)


def distances(
    features: Features, made: Sequence[Waveform], real: Sequence[Waveform], *, seed: int = 0
) -> dict[str, float]:
    """Every group against the other half of the real music, so that each distance is between as many rows.

    Raises:
        ValueError: fewer than four real pieces.
    """
    if len(real) < 4:
        raise ValueError(f"{len(real)} pieces cannot be halved; give at least four")
    rng = np.random.default_rng(seed)
    spoiled = (
        [white_noise(w, SNR_DB, rng) for w in real],
        [shuffled(w, BLOCK_S, rng) for w in real],
        [clipped(w, DRIVE_DB) for w in real],
    )
    groups = {CLEAN: list(real), COMPOSED: list(made), **dict(zip(SPOILED, spoiled, strict=True))}
    rows = {name: [features(w) for w in group] for name, group in groups.items()}
    totals = dict.fromkeys(groups, 0.0)
    for _ in range(HALVES):
        order = rng.permutation(len(real))
        mine, other = order[: len(real) // 2], order[len(real) // 2 :]
        reference = np.concatenate([rows[CLEAN][i] for i in other])
        for name, found in rows.items():
            totals[name] += tagger_frechet_distance(np.concatenate([found[i] for i in mine]), reference)
    return {name: total / HALVES for name, total in totals.items()}
