from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from generators.errors import InvalidPlan
from generators.score.plan.brief import Brief, Curve, Span
from generators.score.plan.grid import lay
from generators.score.plan.sections import divide
from generators.score.score import Form, Section
from tests.generators.score.briefs import brief, briefs


def divided(asked: Brief) -> tuple[Section, ...]:
    return divide(asked, lay(asked))


def energy(*points: tuple[float, float]) -> dict[str, Curve]:
    return {"energy": Curve(np.array([t for t, _ in points]), np.array([v for _, v in points]))}


@settings(max_examples=40)
@given(briefs(longest_s=60.0))
def test_sections_cover_every_bar_once_in_order(asked: Brief) -> None:
    grid = lay(asked)

    covered = [b for s in divide(asked, grid) for b in range(s.start_bar, s.start_bar + s.bars)]

    assert covered == list(range(len(grid.bars)))


@pytest.mark.parametrize("duration_s", [3.0, 9.0, 15.0, 30.0, 60.0, 180.0, 600.0])
def test_a_piece_that_ends_has_an_outro_last_and_nowhere_else(duration_s: float) -> None:
    forms = [s.form for s in divided(brief(duration_s))]

    assert forms[-1] is Form.OUTRO
    assert Form.OUTRO not in forms[:-1]


def test_a_loop_has_no_intro_and_no_outro() -> None:
    assert not {s.form for s in divided(brief(60.0, loop=True))} & {Form.INTRO, Form.OUTRO}


def test_without_cuts_most_sections_are_four_or_eight_bars() -> None:
    sections = divided(brief(120.0))

    assert all(s.bars in (4, 8) for s in sections[:-1])


def test_a_strong_cut_on_a_downbeat_begins_a_section() -> None:
    asked = brief(60.0, (26.0, 1.0))
    grid = lay(asked)

    bar = grid.accents[0].bar

    assert bar in {s.start_bar for s in divide(asked, grid)}


def test_high_energy_is_b_and_a_rise_before_it_a_build() -> None:
    curves = energy((0, 0.2), (17, 0.2), (35, 0.6), (35.1, 0.9), (60, 0.9), (61, 0.2), (90, 0.2))
    asked = replace(brief(90.0, (17.5, 1.0), (35.0, 1.0), (61.0, 1.0)), curves=curves)

    sections = {s.start_bar: s.form for s in divided(asked)}

    assert Form.BUILD in sections.values()
    assert Form.B in sections.values()


def test_a_span_decides_its_border_and_its_form() -> None:
    spans = (Span(0.0, 20.0, "b"), Span(20.0, 40.0, "bridge"), Span(40.0, 60.0))

    forms = [s.form for s in divided(replace(brief(60.0), spans=spans))]

    assert forms[0] is Form.B
    assert Form.BRIDGE in forms


def test_a_form_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidPlan, match="chorus"):
        divided(replace(brief(20.0), spans=(Span(0.0, 20.0, "chorus"),)))
