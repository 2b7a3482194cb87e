"""How far a score is from what its plan asks: by this the best of several drawn scores is chosen."""

import numpy as np
from numpy.typing import NDArray

from generators.score.controls import measure
from generators.score.plan.brief import Plan
from generators.score.score import PITCHED, Mode, Score

WRONG_MODE = 0.6  # as bad as an energy that is off by this much everywhere
CLEAR = 0.15  # how much better the asked mode's profile should fit than the other's, in correlation
WEIGHTS = {"energy": 1.0, "density": 1.0, "brightness": 2.0}  # register varies least between what is asked
#: Probe-tone ratings of pitch classes in a major and a minor key (Krumhansl 1990, tonic first).
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def misfit(score: Score, plan: Plan) -> float:
    """Distance from the plan's curves, bar by bar and as a whole, and a price for an unclear mode; 0 is perfect."""
    found, asked = measure(score), plan.controls
    lead = majorness(score) if plan.key.mode is Mode.MAJOR else -majorness(score)
    total = WRONG_MODE * float(np.clip((CLEAR - lead) / (2.0 * CLEAR), 0.0, 1.0))
    for name, weight in WEIGHTS.items():
        both = asked.mask(name) & found.mask(name)
        if both.any():
            error = (found.values[name] - asked.values[name])[both]
            total += weight * (float(np.abs(error).mean()) + abs(float(error.mean())))
    return total


def majorness(score: Score) -> float:
    """How much better the best major profile fits the sounding pitch classes than the best minor one, in correlation.

    Krumhansl and Schmuckler's key finding; negative in minor.
    """
    weights = np.zeros(12)
    for role in PITCHED:
        for note in score.parts.get(role, ()):
            weights[note.pitch % 12] += note.duration
    return _best(weights, MAJOR) - _best(weights, MINOR)


def _best(weights: NDArray[np.float64], profile: tuple[float, ...]) -> float:
    if weights.std() == 0.0:
        return 0.0
    return max(float(np.corrcoef(weights, np.roll(profile, tonic))[0, 1]) for tonic in range(12))
