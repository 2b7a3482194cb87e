"""A step of a controller: where draws fall short of what a plan asks, more is asked of the next ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from generators.score.controls import measure
from generators.score.plan.brief import Plan
from generators.score.score import Score

GAIN = 1.5  # of the shortfall: a level that is asked for moves what is drawn by about two thirds
NEAR = 0.04  # shortfalls that are not worth drawing again for
LEVELS = ("energy", "density", "brightness")


def corrected(plan: Plan, scores: Sequence[Score]) -> Plan:
    """The plan with each level moved against the mean error of scores that were drawn for it; itself where all is near.

    Flows draw towards what they saw most, the more so from cooled noise, so that a busy passage of a calm style comes
    out too thin. The plan that is kept to when scores are judged stays the first one.
    """
    found = [measure(score) for score in scores]
    values = dict(plan.controls.values)
    for name in LEVELS:
        both = [plan.controls.mask(name) & one.mask(name) for one in found]
        errors = [
            (one.values[name] - values[name])[where] for one, where in zip(found, both, strict=True) if where.any()
        ]
        error = float(np.mean(np.concatenate(errors))) if errors else 0.0
        if abs(error) > NEAR:
            values[name] = np.clip(values[name] - GAIN * error, 0.0, 1.0).astype(np.float32)
    if all(values[name] is plan.controls.values.get(name) for name in LEVELS if name in values):
        return plan
    return replace(plan, controls=replace(plan.controls, values=values))
