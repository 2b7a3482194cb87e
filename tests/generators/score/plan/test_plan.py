from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from generators.errors import InvalidPlan
from generators.score.controls import WIDTH, WIDTHS
from generators.score.plan.brief import Brief, Curve
from generators.score.plan.plan import plan
from tests.generators.score.briefs import brief, briefs

RISING = Curve(np.array([0.0, 40.0]), np.array([0.0, 1.0]))
FLAT = Curve(np.array([0.0]), np.array([0.25]))


@settings(max_examples=30)
@given(briefs(longest_s=60.0))
def test_controls_have_one_row_a_bar_and_stay_in_their_range(asked: Brief) -> None:
    made = plan(asked)

    values, masks = made.controls.stacked()

    assert values.shape == (len(made.bars), WIDTH)
    assert masks.shape == (len(made.bars), len(WIDTHS))
    assert values.min() >= 0.0
    assert values.max() <= 1.0


@settings(max_examples=15)
@given(briefs(longest_s=60.0))
def test_the_same_brief_gives_the_same_plan(asked: Brief) -> None:
    one, other = plan(asked), plan(asked)

    assert (one.bars, one.sections, one.accents) == (other.bars, other.sections, other.accents)
    assert np.array_equal(one.controls.stacked()[0], other.controls.stacked()[0])


def test_curves_are_read_at_the_middles_of_bars_and_others_stay_free() -> None:
    made = plan(replace(brief(40.0), curves={"energy": RISING}))

    middles = np.array([(b.start_s + b.end_s) / 80.0 for b in made.bars])
    assert np.allclose(made.controls.values["energy"][:, 0], middles, atol=1e-6)
    assert not made.controls.mask("brightness").any()


def test_energy_says_who_plays_and_how_densely_unless_the_density_was_asked_for() -> None:
    free, asked, silent = (
        plan(replace(brief(40.0), curves=curves)).controls
        for curves in ({"energy": RISING}, {"energy": RISING, "density": FLAT}, {})
    )

    assert free.mask("density").all()
    assert free.mask("roles").all()
    assert np.diff(free.values["density"][:, 0]).min() >= 0.0
    assert np.allclose(asked.values["density"], 0.25)
    assert not silent.mask("density").any()
    assert not silent.mask("roles").any()


def test_accents_are_given_at_their_steps_and_free_far_from_them() -> None:
    made = plan(brief(60.0, (30.0, 0.8)))

    accent = made.accents[0]
    assert accent.bar is not None
    assert made.controls.values["accents"][accent.bar, accent.step] == pytest.approx(0.8)
    assert made.controls.mask("accents")[accent.bar - 1 : accent.bar + 2].all()
    assert made.controls.mask("accents").sum() == 3


def test_a_loop_is_never_near_its_start_or_its_end() -> None:
    made = plan(brief(20.0, loop=True))

    assert made.loop
    assert (made.controls.values["place"][:, 2:] == 1.0).all()


def test_time_of_a_step_agrees_with_the_accents() -> None:
    made = plan(brief(40.0, (11.3, 1.0), (23.7, 0.9)))

    for a in made.accents:
        assert a.bar is not None
        assert a.step is not None
        assert made.time_of(a.bar, a.step) == pytest.approx(a.cut.time_s, abs=0.001)


def test_an_unknown_curve_is_named() -> None:
    with pytest.raises(InvalidPlan, match="warmth"):
        plan(replace(brief(10.0), curves={"warmth": RISING}))
