"""The tagger Frechet distance (TFD): how far two sets of music lie apart in the features of our own judge.

It is no FAD and not comparable with one: other features, other sounds. It may be reported only next to the gate of
`benchmarks.judges`, which proves that it rises with every way of spoiling a sound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_ROWS = 2


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution over features: `mean` [D] and `covariance` [D D]."""

    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, rows: NDArray[np.floating]) -> "Gaussian":
        """Fitted to rows [N D], the covariance shrunk towards a multiple of the identity.

        Oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero 2010, eq. 23 without its 2 / D terms): the fewer
        rows for each dimension, the more of the mean variance takes the sample's place; with N >> D nothing changes.

        Raises:
            ValueError: fewer than two rows, not a table, or not finite.
        """
        table = np.asarray(rows, dtype=np.float64)
        if table.ndim != 2 or len(table) < LEAST_ROWS:
            raise ValueError(f"a Gaussian needs at least {LEAST_ROWS} rows [N D], not {table.shape}")
        if not np.isfinite(table).all():
            raise ValueError("feature rows must be finite")
        centred = table - table.mean(0)
        return cls(table.mean(0), shrunk(centred.T @ centred / len(table), len(table)))


def shrunk(covariance: Floats, rows: int) -> Floats:
    """A sample covariance [D D] of so many rows with oracle approximating shrinkage."""
    d = len(covariance)
    variance = float(np.trace(covariance)) / d
    square = float(np.mean(covariance**2))  # tr(S S) / D^2
    spread = (rows + 1.0) * (square - variance**2 / d)
    share = 1.0 if spread <= 0.0 else min(1.0, (square + variance**2) / spread)
    return (1.0 - share) * covariance + share * variance * np.eye(d)


def frechet(a: Gaussian, b: Gaussian) -> float:
    """Squared Frechet distance of two Gaussians (Dowson and Landau 1982): |m - n|^2 + tr(A + B - 2 (A B)^(1/2)).

    The trace of the root is the sum of the singular values of A^(1/2) B^(1/2), which is symmetric and never complex.
    """
    if a.mean.shape != b.mean.shape:
        raise ValueError(f"features differ in width: {len(a.mean)} and {len(b.mean)}")
    root = np.linalg.svd(_root(a.covariance) @ _root(b.covariance), compute_uv=False).sum()
    apart = float(np.square(a.mean - b.mean).sum() + np.trace(a.covariance) + np.trace(b.covariance) - 2.0 * root)
    return max(0.0, apart)


def tagger_frechet_distance(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """TFD of two sets of feature rows [N D] and [M D]; raises ValueError as `Gaussian.of` and `frechet` do.

    Finite sets of the same music lie a little apart (less the more rows): compare with a clean half against another.
    """
    return frechet(Gaussian.of(a), Gaussian.of(b))


def _root(covariance: Floats) -> Floats:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
