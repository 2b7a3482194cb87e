"""Measures that several tests share."""

import numpy as np
from numpy.typing import NDArray


def cents_off(samples: NDArray[np.float32], rate: int, key: int) -> float:
    """How far the pitch that the first harmonics agree on lies from a key, within a semitone either way."""
    part = samples.mean(axis=0)[rate // 10 : rate // 10 + rate]
    size = 1 << 18
    strength = np.sqrt(np.abs(np.fft.rfft(part * np.hanning(len(part)), size)))
    cents = np.linspace(-100.0, 100.0, 401)
    hz = 440.0 * 2.0 ** ((key - 69 + cents / 100.0) / 12.0)
    score = np.zeros_like(cents)
    for h in range(1, 9):
        if h * hz[-1] < 0.45 * rate:
            score += np.interp(hz * h * size / rate, np.arange(len(strength)), strength)
    return float(cents[int(np.argmax(score))])


def level_db(samples: NDArray[np.float32]) -> float:
    """Largest absolute value in dBFS."""
    return float(20.0 * np.log10(np.max(np.abs(samples), initial=0.0) + 1e-12))
