"""Recordings for tests: noise that swells, written as WAV."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from training.audio.pool import CLIP_SAMPLES, RATE

CLIP_S = CLIP_SAMPLES / RATE


def music(seconds: float, *, level: float = 0.2, rate: int = RATE, seed: int = 0) -> NDArray[np.float32]:
    """Stereo [N 2]."""
    rng = np.random.default_rng(seed)
    noise: NDArray[np.float32] = (level * rng.standard_normal((round(seconds * rate), 2)).clip(-3, 3)).astype(
        np.float32
    )
    return noise


def write(path: Path, samples: NDArray[np.float32], *, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate)
    return path
