"""Whether a probability means what it says: reliability, expected calibration error, Brier score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True)
class Reliability:
    """By bin of confidence: its mean, the share that was right, and how many fell in it; empty bins are left out."""

    confidence: Floats
    right: Floats
    count: Floats


def reliability(confidence: Floats, right: NDArray[np.bool_], *, bins: int = BINS) -> Reliability:
    """Bins of equal width over 0..1."""
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(at, minlength=bins).astype(np.float64)
    there = count > 0
    means = [np.bincount(at, weights=v, minlength=bins)[there] / count[there] for v in (confidence, right)]
    return Reliability(means[0], means[1], count[there])


def calibration_error(confidence: Floats, right: NDArray[np.bool_], *, bins: int = BINS) -> float:
    """Mean distance of confidence and share right, bins weighted by what falls in them (Naeini et al. 2015)."""
    r = reliability(confidence, right, bins=bins)
    return float((r.count * np.abs(r.confidence - r.right)).sum() / r.count.sum())


def brier(probability: Floats, truth: NDArray[np.bool_]) -> float:
    """Mean squared distance of a probability and what was true (Brier 1950); 0.25 for one that always says half."""
    return float(np.mean((probability - truth) ** 2))
