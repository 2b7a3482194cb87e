"""Statistics with their uncertainty: percentile bootstrap, rank correlation, shuffled controls and the ROC area."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.affect import spearman

Floats = NDArray[np.float64]
Statistic = Callable[..., float]  # rows of one or more columns -> a number

DRAWS = 1000
SHUFFLES = 400
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the bounds that hold it with CONFIDENCE."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} .. {self.high:.3f})"

    @property
    def figures(self) -> tuple[float, float, float]:
        """Value, low and high, for a file."""
        return self.value, self.low, self.high


def bootstrap(statistic: Statistic, *columns: NDArray[np.generic], seed: int = 0, draws: int = DRAWS) -> Interval:
    """Percentile interval over rows drawn with replacement, the same rows of every column (Efron 1979).

    Raises:
        ValueError: no rows, or columns of different length.
    """
    lengths = {len(c) for c in columns}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"columns of {sorted(lengths)} rows; give at least one row, and as many in every column")
    rng = np.random.default_rng(seed)
    n = lengths.pop()
    found = [statistic(*(c[rows] for c in columns)) for rows in rng.integers(0, n, (draws, n))]
    return _interval(statistic(*columns), found)


def bootstrap_two(statistic: Statistic, a: Floats, b: Floats, *, seed: int = 0, draws: int = DRAWS) -> Interval:
    """The same for two samples that are drawn on their own."""
    rng = np.random.default_rng(seed)
    found = [statistic(a[rng.integers(0, len(a), len(a))], b[rng.integers(0, len(b), len(b))]) for _ in range(draws)]
    return _interval(statistic(a, b), found)


def shuffled(a: Floats, b: Floats, *, seed: int = 0, shuffles: int = SHUFFLES) -> Interval:
    """The rank correlation with the pairs exchanged: mean over shuffles, and the range that CONFIDENCE of them span."""
    rng = np.random.default_rng(seed)
    found = [spearman(a, rng.permutation(b)) for _ in range(shuffles)]
    return _interval(float(np.mean(found)), found)


def auc(positive: Floats, negative: Floats) -> float:
    """Chance that a positive one scores above a negative one, ties half (Mann and Whitney 1947); 0.5 tells nothing."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def _interval(value: float, found: list[float]) -> Interval:
    edge = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.nanpercentile(found, [edge, 100.0 - edge])
    return Interval(value, float(low), float(high))
