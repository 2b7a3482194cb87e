"""Composed pieces and the held-out pieces whose captions asked for them, as sound from the same instruments."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from encoders.mel import SAMPLE_RATE, mono
from generators.waveform import Waveform
from training.clips import steady_plan
from training.evaluation.material import Material
from training.evaluation.product import Written

STRETCH_S = 15.0


@dataclass(frozen=True)
class Sounds:
    """Notes, and a stretch of each as mono sound: of what was composed and of what is real."""

    written: Sequence[Written]
    made: Sequence[Waveform]
    real: Sequence[Waveform]


class Stage:
    """Writes and plays once what several questions are asked about."""

    def __init__(self, material: Material) -> None:
        self._material = material

    @cached_property
    def written(self) -> list[Written]:
        """Notes for captions of held-out pieces."""
        m = self._material
        return m.product.write(m.held_out, m.amounts.written, seed=m.seed)

    @cached_property
    def sounds(self) -> Sounds:
        """Their sound, kept in the cache."""
        made: list[Waveform] = []
        real: list[Waveform] = []
        for number, w in enumerate(tqdm(self.written, desc="playing", mininterval=20.0)):
            path = self._material.cache / "sounds" / f"{w.seed}-{number}.npz"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                np.savez(path, made=self._played(w, real=False), real=self._played(w, real=True))
            with np.load(path) as found:
                for name, out in (("made", made), ("real", real)):
                    out.append(Waveform((found[name].astype(np.float32) / 32767.0)[None], SAMPLE_RATE))
        return Sounds(self.written, made, real)

    def _played(self, w: Written, *, real: bool) -> NDArray[np.int16]:
        score = w.real if real else w.score
        plan = steady_plan(w.real, w.plan.style) if real else w.plan
        wave = self._material.product.play(score, plan, seed=w.seed, seconds=STRETCH_S)
        samples = mono(wave.samples, wave.sample_rate)
        return (32767.0 * samples.clip(-1.0, 1.0)).astype(np.int16)
