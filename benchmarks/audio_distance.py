"""How far sounds lie from held-out music, in the features of the project's own judges: its tagger and its CLAP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.clap import Clap
from generators.waveform import Waveform
from training.frechet import Gaussian, frechet

TAGGER, CLAP = "TFD", "CLAP"
NO_TAGGER = " No trained tagger was at hand, so that its distance (TFD) is not told."
Rows = NDArray[np.float32]
Features = Callable[[Waveform], Rows]  # a sound -> rows [W D]


@dataclass(frozen=True)
class Ears:
    """Judges by the names of their distances."""

    judges: Mapping[str, Features]

    @classmethod
    def of(cls, clap: Clap, tagger: Path) -> "Ears":
        """Both judges, or CLAP alone where there is no tagger; raises BadWeights if the tagger is damaged."""
        judges: dict[str, Features] = {CLAP: lambda sound: clap.embed_audio(sound.samples, sound.sample_rate)[None]}
        if tagger.exists():
            from training.tagger import Tagger

            judges = {TAGGER: Tagger.load(tagger).features} | judges
        return cls(judges)

    @property
    def said(self) -> str:
        """What the distances are, in words."""
        told = f"{CLAP} in the space of the bundle's CLAP, which took part in training"
        if TAGGER not in self.judges:
            return f"Squared Frechet distance (no FAD): {told}.{NO_TAGGER}"
        tagger = f"{TAGGER} in the features of the tagger, which took no part in training"
        return f"Squared Frechet distances (no FAD): {tagger}, {CLAP} in the space of the bundle's CLAP, which did."

    def heard(self, sounds: Sequence[Waveform]) -> dict[str, Rows]:
        """The feature rows [N D] of sounds, judge by judge."""
        return {name: np.concatenate([features(s) for s in sounds]) for name, features in self.judges.items()}


@dataclass(frozen=True)
class Music:
    """What sounds are measured against: a Gaussian for each judge."""

    of: Mapping[str, Gaussian]

    @classmethod
    def heard(cls, rows: Mapping[str, Rows]) -> "Music":
        """From the rows of held-out music."""
        return cls({name: Gaussian.of(r) for name, r in rows.items()})

    def distances(self, rows: Mapping[str, Rows]) -> dict[str, float]:
        """By judge; raises ValueError for fewer than two rows."""
        return {name: frechet(Gaussian.of(r), self.of[name]) for name, r in rows.items()}


def beginning(sound: Waveform, seconds: float) -> Waveform:
    """The first seconds, so that no judge hears more of one sound than of another."""
    return Waveform(sound.samples[:, : round(seconds * sound.sample_rate)], sound.sample_rate)


def middle(sound: Waveform, seconds: float) -> Waveform:
    """Seconds from the middle: neither how music begins nor how it ends."""
    size = round(seconds * sound.sample_rate)
    start = max(0, (sound.samples.shape[1] - size) // 2)
    return Waveform(sound.samples[:, start : start + size], sound.sample_rate)
