"""What was seen, read and heard: every source as a path through CLAP space, and all of them as one point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.features import Events, Frames
from schemas.source import SourceKind

Point = NDArray[np.float32]  # [D], unit length
Points = NDArray[np.float32]  # [S D], each at unit length


@dataclass(frozen=True)
class Track:
    """A path through CLAP space: `points` [S D] at `times_s` [S]; all times are 0 where time means nothing."""

    times_s: NDArray[np.float64]
    points: Points

    def spread(self, duration_s: float) -> NDArray[np.float64]:
        """Times of the points; those of a text are laid evenly over the duration, since it is told from end to end."""
        count = len(self.points)
        if count > 1 and not np.any(self.times_s):
            return np.asarray((np.arange(count) + 0.5) * duration_s / count)
        return self.times_s

    def within(self, start_s: float, end_s: float, duration_s: float) -> Point:
        """The mean direction in a stretch of time; of the nearest point where none lies in it."""
        times = self.spread(duration_s)
        inside = (times >= start_s) & (times < end_s)
        if not inside.any():
            inside = np.arange(len(times)) == np.argmin(np.abs(times - (start_s + end_s) / 2))
        return unit(self.points[inside].mean(axis=0))


@dataclass(frozen=True)
class Impression:
    """One source, its share of the whole and its path."""

    kind: SourceKind
    weight: float
    track: Track

    @property
    def point(self) -> Point:
        """The mean direction of the path."""
        return unit(self.track.points.mean(axis=0))


@dataclass(frozen=True)
class Sight:
    """All sources, their weights adding up to 1; `frames` and `events` only where there is a video."""

    impressions: tuple[Impression, ...]
    frames: Frames | None = None
    events: Events | None = None

    @property
    def point(self) -> Point:
        """The weighted mean direction of all sources."""
        return unit(np.sum([i.weight * i.point for i in self.impressions], axis=0))

    def points_over(self, spans: Sequence[tuple[float, float]], duration_s: float) -> Points:
        """One point a span: halfway between what the sources are as a whole and what they are there."""
        whole = self.point
        rows = [
            unit(whole + unit(np.sum([i.weight * i.track.within(a, b, duration_s) for i in self.impressions], axis=0)))
            for a, b in spans
        ]
        return np.stack(rows) if rows else np.zeros((0, len(whole)), np.float32)


def unit(vector: NDArray[np.floating]) -> Point:
    """A vector at unit length; zeros stay zeros."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)


def shares(weights: Sequence[float]) -> list[float]:
    """Weights that add up to 1."""
    total = sum(weights)
    return [w / total for w in weights]
