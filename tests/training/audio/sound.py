"""A source of sound for the stages' tests."""

from dataclasses import dataclass

import numpy as np

from training.audio.draws import Floats


@dataclass(frozen=True)
class Noise:
    """Stereo noise."""

    def draw(self, length: int, rng: np.random.Generator) -> Floats:
        noise: Floats = (0.1 * rng.standard_normal((2, length))).astype(np.float32)
        return noise
