"""A palette's hints become a way of playing."""

from dataclasses import replace

import pytest

from generators.render.feel import feel_of
from generators.render.palettes import PALETTES
from generators.score.style import Style

PLAIN = PALETTES[Style.CINEMATIC][0]


def test_swing_runs_from_straight_to_triplets() -> None:
    assert feel_of(replace(PLAIN, swing=0.0)).swing == 0.5
    assert feel_of(replace(PLAIN, swing=1.0)).swing == pytest.approx(2 / 3)


def test_looseness_grows_with_the_hint_and_machines_have_none() -> None:
    loose, tight, machine = (feel_of(replace(PLAIN, humanise_ms=ms)).timing_jitter_s for ms in (12.0, 3.0, 0.0))
    assert all(loose[role] > tight[role] > machine[role] == 0.0 for role in loose)
