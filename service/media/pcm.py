"""Floats to whole numbers, with dither where the steps are coarse enough to matter."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Dither(StrEnum):
    """What is added before rounding."""

    NONE = "none"
    TRIANGULAR = "triangular"  # TPDF of two steps: the error's mean and power no longer depend on the music


def quantised(samples: NDArray[np.float32], *, bits: int, dither: Dither, seed: int) -> NDArray[np.int32]:
    """Samples in -1..1 as integers of `bits` bits, clipped to full scale; the same seed gives the same noise."""
    scaled = samples.astype(np.float64) * float(2 ** (bits - 1))
    if dither is Dither.TRIANGULAR:
        rng = np.random.default_rng(seed)
        scaled += rng.random(scaled.shape) - rng.random(scaled.shape)
    limit = 2 ** (bits - 1)
    return np.clip(np.rint(scaled), -limit, limit - 1).astype(np.int32)
