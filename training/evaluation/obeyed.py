"""Whether what is asked of the music is heard in it: tempo, energy, brightness and mode, by librosa on the sound."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, Section, table
from generators.score.plan.brief import Plan
from generators.score.score import Mode
from training.affect import spearman
from training.clips import steady_plan
from training.evaluation.hearing import Cues, arousal_of, cues_of
from training.evaluation.intervals import Interval, auc, bootstrap, shuffled
from training.evaluation.material import Material
from training.evaluation.report import Report
from training.evaluation.sounds import Stage

TOLERANCE = 0.04  # of a tempo (MIREX)
METRICAL = (1 / 3, 0.5, 1.0, 1.5, 2.0, 3.0)  # what a beat tracker may take for the beat

Floats = NDArray[np.float64]
#: What of the cues answers each level that is asked.
HEARD: dict[str, tuple[str, Callable[[Sequence[Cues]], Floats]]] = {
    "tempo": ("librosa's tempo", lambda rows: np.array([c.tempo for c in rows])),
    "energy": ("onsets, tempo, accents, centroid", arousal_of),
    "brightness": ("spectral centroid", lambda rows: np.array([c.centroid for c in rows])),
}


@dataclass(frozen=True)
class Asked:
    """What plans asked for: log2 of the tempo [N], mean energy and brightness in 0..1 [N], major or not [N]."""

    tempo: Floats
    energy: Floats
    brightness: Floats
    major: NDArray[np.bool_]

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> "Asked":
        """Of plans, their curves averaged over the bars."""
        energy, brightness = ([float(p.controls.values[n].mean()) for p in plans] for n in ("energy", "brightness"))
        tempi = np.log2([p.tempo_bpm for p in plans])
        return cls(tempi, np.array(energy), np.array(brightness), np.array([p.key.mode is Mode.MAJOR for p in plans]))


@dataclass(frozen=True)
class Obeyed:
    """Rank correlations of asked and heard by level, the same with pairs exchanged, the mode's ROC area, and beats."""

    levels: dict[str, Interval]
    control: dict[str, Interval]
    mode: Interval
    beats: float


def measure(material: Material, stage: Stage) -> Report:
    """Composed music against its plans, and held-out music against what its own notes are."""
    written, sounds = stage.written, stage.sounds
    real = [steady_plan(w.real, w.plan.style) for w in written]
    composed = obeyed(Asked.of([w.plan for w in written]), [cues_of(w) for w in sounds.made])
    ceiling = obeyed(Asked.of(real), [cues_of(w) for w in sounds.real])
    rows: list[list[Cell]] = [
        [name, how, str(composed.levels[name]), str(composed.control[name]), str(ceiling.levels[name])]
        for name, (how, _) in HEARD.items()
    ]
    rows.append(["mode (AUC)", "fit of major over minor key profiles", str(composed.mode), "0.5", str(ceiling.mode)])
    rows.append(["tempo, share of beats", "librosa's tempo", f"{composed.beats:.3f}", "-", f"{ceiling.beats:.3f}"])
    text = (
        f"{len(written)} pieces for captions of held-out pieces, at their tempo and key; a stretch of each is judged "
        "by its sound alone (librosa, nothing fitted). Spearman between what the plan asks and what is heard, 95 % "
        "bootstrap interval, and with the pairs exchanged 400 times. Mode: chance that a piece in major is heard as "
        f"more major than one in minor. Share of beats: librosa's tempo within {TOLERANCE:.0%} of the asked one or of "
        "1/3, 1/2, 3/2, 2, 3 times it. Last, the same of real notes from the same instruments, asked being what "
        "these notes are: as much as these judges can hear.\n\n"
    )
    header = ["asked", "judge", "composed", "shuffled control", "held-out pieces"]
    figures = {f"obeyed {name}": value.value for name, value in composed.levels.items()}
    figures |= {"obeyed mode, ROC area": composed.mode.value, "obeyed beats": composed.beats}
    return Report(Section("obeyed", "What is asked, heard in the sound", text + table(header, rows)), figures)


def obeyed(asked: Asked, heard: Sequence[Cues]) -> Obeyed:
    """Compare plans with the cues of their music.

    Raises:
        ValueError: no pieces.
    """
    if not heard:
        raise ValueError("no pieces to judge; write at least one")
    answers = {name: answer(heard) for name, (_, answer) in HEARD.items()}
    wanted: dict[str, Floats] = {name: getattr(asked, name) for name in HEARD}
    ratio = np.exp2(answers["tempo"] - asked.tempo)
    beat = np.min([np.abs(ratio / m - 1.0) for m in METRICAL], axis=0) <= TOLERANCE
    majorness = np.array([c.majorness for c in heard])
    return Obeyed(
        {name: bootstrap(spearman, wanted[name], answers[name]) for name in HEARD},
        {name: shuffled(wanted[name], answers[name]) for name in HEARD},
        bootstrap(mode_area, majorness, asked.major),
        float(beat.mean()),
    )


def mode_area(majorness: Floats, major: NDArray[np.bool_]) -> float:
    """The ROC area of telling major from minor; a half where all pieces are in one mode."""
    return 0.5 if major.all() or not major.any() else auc(majorness[major], majorness[~major])
