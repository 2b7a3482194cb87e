"""Curves over time from what a picture does, on the scale that composed music has."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoders.features import Events
from generators.score.plan.brief import Curve

LOWEST, HIGHEST = 0.2, 0.9  # measured energies of scores lie between about 0.25 and 0.85
SWING = 0.42  # how far the liveliest moment of a video lies above its calmest
STEP_S = 0.5
DARK = 0.08
MAX_POINTS = 240


def grid_of(duration_s: float) -> NDArray[np.float64]:
    """Times at which curves are given: every half second, at most `MAX_POINTS`."""
    count = int(np.clip(np.ceil(duration_s / STEP_S), 2, MAX_POINTS - 1))
    return np.linspace(0.0, duration_s, count + 1)


def energy_of(events: Events, base: float, duration_s: float) -> Curve:
    """Energy around `base`: up where the picture moves and is cut fast, down where it rests."""
    times = grid_of(duration_s)
    seen = events.motion * np.clip(events.brightness / DARK, 0.0, 1.0)  # what moves in the dark does not excite
    motion = _spread(_smooth(events.times_s, seen, times, width_s=0.8))
    cuts = np.array([c.time_s for c in events.cuts])
    rate = np.exp(-0.5 * ((times[:, None] - cuts[None, :]) / 2.0) ** 2).sum(axis=1) if len(cuts) else 0.0 * times
    lively = 0.75 * motion + 0.25 * _spread(rate)
    return Curve(times, np.clip(base + SWING * (lively - lively.mean()), LOWEST, HIGHEST))


def brightness_of(events: Events, base: float, duration_s: float) -> Curve:
    """Pitch height around `base`: up in the light, down in the dark."""
    times = grid_of(duration_s)
    light = _smooth(events.times_s, events.brightness, times, width_s=1.2)
    return Curve(times, np.clip(base + 0.3 * (light - light.mean()), 0.2, 0.8))


def level(value: float, duration_s: float) -> Curve:
    """The same value from start to end."""
    return Curve(np.array([0.0, duration_s]), np.array([value, value]))


def arc(base: float, duration_s: float, *, loop: bool) -> Curve:
    """Where nothing moves: a quiet start, a peak after two thirds and a calm end; level when it runs around."""
    if loop:
        return level(base, duration_s)
    shape = np.array([-0.12, 0.0, 0.08, -0.1])
    return Curve(np.array([0.0, 0.3, 0.7, 1.0]) * duration_s, np.clip(base + shape, LOWEST, HIGHEST))


def mixed(curves: Sequence[tuple[float, Curve]], duration_s: float) -> Curve:
    """The weighted mean of curves."""
    times = grid_of(duration_s)
    total = sum(weight for weight, _ in curves)
    return Curve(times, np.asarray(sum(weight / total * curve.at(times) for weight, curve in curves)))


def _smooth(
    times_s: NDArray[np.float64], values: NDArray[np.float64], at_s: NDArray[np.float64], *, width_s: float
) -> NDArray[np.float64]:
    weights = np.exp(-0.5 * ((at_s[:, None] - times_s[None, :]) / width_s) ** 2) + 1e-12
    return np.asarray((weights * values).sum(axis=1) / weights.sum(axis=1))


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values stretched to 0..1 between their 5th and 95th percentile; what hardly changes is hardly stretched."""
    low, high = np.percentile(values, [5, 95])
    return np.asarray(np.clip(0.5 + (values - (low + high) / 2) / max(high - low, 0.15), 0.0, 1.0))
