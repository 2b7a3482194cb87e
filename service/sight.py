"""What was seen, read and heard: every source as a path through CLAP space, and all of them as one point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.features import Events, Frames
from schemas.source import SourceKind

Point = NDArray[np.float32]  # [D], unit length
Points = NDArray[np.float32]  # [S D], each at unit length


SMOOTH_S = 2.0  # a text's point begins to move so long before its sentence does, and arrives so long after


@dataclass(frozen=True)
class Track:
    """A path through CLAP space: `points` [S D] at `times_s` [S]; all times are 0 where time means nothing.

    `shares` [S] of the duration are how long each point of a text is told; without them all are told as long. `moods`
    [S 2] are valence and arousal of the sentences themselves, where somebody can tell.
    """

    times_s: NDArray[np.float64]
    points: Points
    shares: NDArray[np.float64] | None = None
    moods: NDArray[np.float64] | None = None

    @property
    def is_told(self) -> bool:
        """Whether this is a text, which is told from end to end and has no clock of its own."""
        return len(self.points) > 1 and not np.any(self.times_s)

    @property
    def point(self) -> Point:
        """The mean direction of the path."""
        return unit(np.average(self.points, axis=0, weights=self.shares))

    def weights(self, start_s: float, end_s: float, duration_s: float) -> NDArray[np.float64]:
        """How much of each point there is in a stretch of time [S], together 1; the nearest where none lies in it."""
        if self.is_told:
            shares = np.full(len(self.points), 1 / len(self.points)) if self.shares is None else self.shares
            ends = np.cumsum(shares) / shares.sum() * duration_s
            starts = np.concatenate([[0.0], ends[:-1]])
            inside = np.clip(np.minimum(ends, end_s + SMOOTH_S) - np.maximum(starts, start_s - SMOOTH_S), 0.0, None)
        else:
            inside = ((self.times_s >= start_s) & (self.times_s < end_s)).astype(np.float64)
        if not inside.any():
            inside[np.argmin(np.abs(self.times_s - (start_s + end_s) / 2))] = 1.0
        return np.asarray(inside / inside.sum())

    def within(self, start_s: float, end_s: float, duration_s: float) -> Point:
        """The mean direction in a stretch of time."""
        return unit(self.weights(start_s, end_s, duration_s) @ self.points)


@dataclass(frozen=True, slots=True)
class Mood:
    """Valence and arousal in 0..1 that sources tell outright, and the share of the sight that these sources have."""

    valence: float
    arousal: float
    share: float = 1.0


@dataclass(frozen=True)
class Impression:
    """One source, its share of the whole and its path."""

    kind: SourceKind
    weight: float
    track: Track

    @property
    def point(self) -> Point:
        """The mean direction of the path."""
        return self.track.point


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

    @property
    def mood(self) -> Mood | None:
        """The mean mood of the sources that tell theirs, each as long as its sentences; None where none does."""
        told = [(i.weight, i.track) for i in self.impressions if i.track.moods is not None]
        share = sum(weight for weight, _ in told)
        if not share:
            return None
        means = [w * np.average(np.asarray(t.moods), axis=0, weights=t.shares) for w, t in told]
        valence, arousal = (np.sum(means, axis=0) / share).tolist()
        return Mood(valence, arousal, share)

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
