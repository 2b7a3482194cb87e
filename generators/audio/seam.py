"""Cross-fades between two versions of one sound, at constant loudness whether their phases agree or not."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def cross_faded(before: Floats, after: Floats) -> Floats:
    """From `before` [2 n] to `after` [2 n]: cosine and sine, divided by the power that their correlation adds.

    With correlation r the sum a x + b y of two sounds of power 1 has the power a^2 + b^2 + 2 a b r, so that equal
    sounds fade with constant amplitude and strangers with constant power.
    """
    angle = np.linspace(0.0, 0.5 * np.pi, before.shape[1], dtype=np.float32)
    a, b = np.cos(angle), np.sin(angle)
    size = float(np.sqrt(np.sum(before.astype(np.float64) ** 2) * np.sum(after.astype(np.float64) ** 2)))
    alike = float(np.sum(before.astype(np.float64) * after)) / size if size > 0.0 else 0.0
    faded: Floats = ((a * before + b * after) / np.sqrt(1.0 + 2.0 * a * b * max(alike, 0.0))).astype(np.float32)
    return faded
