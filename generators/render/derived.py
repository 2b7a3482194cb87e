"""Instruments made of other ones: a kit of big drums played on taiko and timpani samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from generators.render.sampled import SampledInstrument
from generators.render.tone import Floats, Tone

#: Drum key -> key of the taiko and gain in dB; drums that it does not stand for stay silent.
TAIKO_KEYS = {36: (48, 0.0), 41: (52, -1.0), 45: (57, -2.0), 48: (61, -3.0), 38: (64, -4.0), 63: (66, -8.0)}


@dataclass(frozen=True)
class MappedKit:
    """A kit whose drums are keys of a pitched instrument."""

    source: SampledInstrument
    keys: Mapping[int, tuple[int, float]]
    release_s: float = 1.2
    pitched: bool = False

    def sounding_range(self) -> tuple[int, int]:
        """Keys are drums: all of them stand for themselves."""
        return 0, 127

    def render(self, key: int, layer: int, frames: int, rate: int, tone: Tone) -> Floats:
        """A drum [2 frames] at `rate`."""
        if key not in self.keys:
            return np.zeros((2, frames), np.float32)
        played, gain_db = self.keys[key]
        return self.source.render(played, layer, frames, rate, tone) * np.float32(10.0 ** (gain_db / 20.0))


def derived_kits(sampled: Mapping[str, SampledInstrument]) -> dict[str, MappedKit]:
    """The kits that can be made of the instruments at hand."""
    return {"taiko_kit": MappedKit(sampled["taiko"], TAIKO_KEYS)} if "taiko" in sampled else {}
