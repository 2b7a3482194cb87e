"""What a plan fixes before anything is drawn: chords and a melody that were asked for, beside what is given already."""

import numpy as np

from generators.score.given import Given, with_chords, with_lead
from generators.score.plan.brief import Plan
from generators.score.score import ROLES, Score
from generators.score.theme import theme_bars


def given_by(plan: Plan, given: Given | None = None) -> Given | None:
    """What is given, with the plan's chords in every bar and its melody's lead; None where nothing is."""
    if plan.melody is not None:
        given = with_lead(given or nothing(plan), plan.melody.notes, plan.melody.bars)
    if plan.harmony is None:
        return given
    return with_chords(given or nothing(plan), tuple(symbol.chord for symbol in plan.harmony))


def still_bars(plan: Plan) -> frozenset[int]:
    """The bars whose lead nothing may bend: a theme or the given melody is there."""
    return theme_bars(plan.themes) | (plan.melody.bars if plan.melody else frozenset())


def nothing(plan: Plan) -> Given:
    """A score of the plan's bars in which nothing sounds and nothing is given."""
    bars = len(plan.bars)
    silence = Score(plan.metre, plan.key, plan.tempo_bpm, bars, {}, (None,) * (2 * bars), plan.sections)
    return Given(silence, np.zeros((bars, 1 + len(ROLES)), bool))
