"""The controller's step: more is asked where draws fall short, nothing where they do not."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from generators.score.controls import measure
from generators.score.correction import GAIN, corrected
from generators.score.plan.brief import Plan
from generators.score.score import Score
from generators.score.style import Style
from training.arranger.arrange import arrange
from training.arranger.spec import draw_spec
from training.clips import steady_plan


@pytest.fixture(scope="module")
def score() -> Score:
    return arrange(draw_spec(Random(3), Style.CORPORATE), 3)


@pytest.fixture(scope="module")
def plan(score: Score) -> Plan:
    return steady_plan(score, Style.CORPORATE)


def softer(score: Score) -> Score:
    parts = {role: tuple(replace(n, velocity=max(1, n.velocity // 2)) for n in p) for role, p in score.parts.items()}
    return replace(score, parts=parts)


def test_what_is_drawn_as_asked_changes_nothing(score: Score, plan: Plan) -> None:
    assert corrected(plan, [score, score]) is plan


def test_what_comes_out_too_soft_is_asked_louder_by_the_gain(score: Score, plan: Plan) -> None:
    error = float((measure(softer(score)).values["energy"] - plan.controls.values["energy"]).mean())

    asked = corrected(plan, [softer(score)])

    expected = np.clip(plan.controls.values["energy"] - GAIN * error, 0.0, 1.0)
    assert error < -0.04
    assert np.allclose(asked.controls.values["energy"], expected)
    assert np.array_equal(asked.controls.values["density"], plan.controls.values["density"])


def test_levels_stay_between_nothing_and_all(score: Score, plan: Plan) -> None:
    ones = {**plan.controls.values, "energy": np.ones_like(plan.controls.values["energy"])}
    loudest = replace(plan, controls=replace(plan.controls, values=ones))

    asked = corrected(loudest, [softer(score)])

    assert float(asked.controls.values["energy"].max()) == 1.0


def test_a_level_that_is_free_stays_as_it_is(score: Score, plan: Plan) -> None:
    masks = {**plan.controls.masks, "energy": np.zeros(plan.controls.bars, bool)}
    free = replace(plan, controls=replace(plan.controls, masks=masks))

    asked = corrected(free, [softer(score)])

    assert np.array_equal(asked.controls.values["energy"], plan.controls.values["energy"])
