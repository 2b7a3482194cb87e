"""How a reading leans: the mood of a text decides mode, pace and light of its music; a caption's levels are spread."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from service.sight import Mood

if TYPE_CHECKING:
    from encoders.clap import Attributes

TABLE = Path(__file__).with_name("leaning.json")  # made by training/leaning.py
#: Of register by valence. In the corpus both hardly go together; listeners hear high as happy (Eerola, Friberg and
#: Bresin 2013, where register comes third after mode and tempo).
LIFT = 0.4
FARTHEST = 0.6  # that a mood moves arousal from what the point says of it, either way


def leaned(read: "Attributes", mood: Mood | None) -> "Attributes":
    """What music should be like: a reading of a point, drawn to the mood of the texts as far as they have a share.

    Major by the odds that the scene bank wants it at a valence, tempo and energy by arousal, register by valence. The
    style stays that of the point.
    """
    if mood is None:
        return read
    major = _table().major
    odds = 1.0 / (1.0 + np.exp(-major["slope"] * (mood.valence - major["even"])))
    up = mood.share * float(np.clip(mood.arousal - read.arousal, -FARTHEST, FARTHEST))
    return replace(
        quickened(read, up),
        brightness=_unit(read.brightness + LIFT * mood.share * (mood.valence - 0.5)),
        valence=_between(read.valence, mood.valence, mood.share),
        major_probability=_between(read.major_probability, float(odds), mood.share),
    )


def quickened(read: "Attributes", up: float) -> "Attributes":
    """A reading with `up` more arousal, and the tempo and energy that go with it in the corpus."""
    pace = _table().arousal
    return replace(
        read,
        tempo_bpm=read.tempo_bpm * 2.0 ** (pace["octaves"] * up),
        energy=_unit(read.energy + pace["energy"] * up),
        arousal=_unit(read.arousal + up),
    )


def spread(read: "Attributes", share: float) -> "Attributes":
    """Energy and brightness as far from the middle as in music, for the `share` that is read in captions."""
    table = _table().captions

    def wide(name: str, value: float) -> float:
        known = table[name]
        return _unit(value + share * (known["gain"] - 1.0) * (value - known["mean"]))

    return replace(read, energy=wide("energy", read.energy), brightness=wide("brightness", read.brightness))


def _unit(x: float) -> float:
    return float(np.clip(x, 0.0, 1.0))


def _between(a: float, b: float, share: float) -> float:
    return a + share * (b - a)


@dataclass(frozen=True)
class _Table:
    """major: `slope` and `even`; arousal: `octaves` and `energy`; captions: `mean` and `gain` by attribute."""

    major: dict[str, float]
    arousal: dict[str, float]
    captions: dict[str, dict[str, float]]


@cache
def _table() -> _Table:
    return _Table(**json.loads(TABLE.read_text()))
