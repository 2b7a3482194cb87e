"""Where a given tune is stated, and where it returns."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import InvalidPlan
from generators.score.plan.brief import Brief, GridBar
from generators.score.plan.grid import Grid
from generators.score.plan.melody import place_tune
from generators.score.plan.plan import plan
from generators.score.score import Form, Key, Metre, Mode, Note, Section
from generators.score.style import Style
from generators.score.tune import LEAD_RANGE, Melody, Tune

C_MAJOR = Key(0, Mode.MAJOR)
BAR_S = 2.0


def tune(bars: int, *, pickup: int = 0) -> Tune:
    """Half notes in 4/4, after a pickup of one note."""
    before = (Note(-pickup, 67, pickup, 80),) if pickup else ()
    notes = tuple(Note(8 * i, 67 + i % 5, 8, 80) for i in range(2 * bars))
    return Tune(Metre.FOUR_FOUR, 120.0, C_MAJOR, (*before, *notes)).validate()


def grid(bars: int) -> Grid:
    return Grid(120.0, tuple(GridBar(BAR_S * i, BAR_S * (i + 1), 16) for i in range(bars)), ())


def sections(*forms: tuple[Form, int]) -> list[Section]:
    starts = [sum(bars for _, bars in forms[:i]) for i in range(len(forms))]
    return [Section(form, start, bars) for start, (form, bars) in zip(starts, forms, strict=True)]


def places(melody: Melody) -> list[tuple[int, int]]:
    return [(s.start_bar, s.bars) for s in melody.statements]


def test_a_tune_begins_after_the_intro_and_returns_at_every_a() -> None:
    form = sections((Form.INTRO, 2), (Form.A, 4), (Form.B, 4), (Form.A, 4), (Form.OUTRO, 2))

    assert places(place_tune(tune(4), grid(16), form, loop=False)) == [(2, 4), (10, 4)]


def test_a_tune_that_only_fits_from_the_beginning_leaves_the_intro_out() -> None:
    form = sections((Form.INTRO, 2), (Form.A, 6))

    assert places(place_tune(tune(7), grid(8), form, loop=False)) == [(0, 7)]


def test_a_tune_that_is_longer_than_the_piece_is_cut_before_the_ending() -> None:
    melody = place_tune(tune(12), grid(8), sections((Form.A, 8)), loop=False)

    assert melody.is_cut
    assert places(melody) == [(0, 7)]


def test_a_loop_needs_no_room_for_an_ending() -> None:
    assert places(place_tune(tune(8), grid(8), sections((Form.A, 8)), loop=True)) == [(0, 8)]


def test_a_return_that_would_be_cut_comes_only_if_half_of_it_fits() -> None:
    form = sections((Form.A, 4), (Form.A, 4))

    assert places(place_tune(tune(4), grid(8), form, loop=False)) == [(0, 4), (4, 3)]
    assert places(place_tune(tune(4), grid(6), sections((Form.A, 4), (Form.A, 2)), loop=False)) == [(0, 4)]


def test_a_pickup_gets_a_bar_before_the_tune() -> None:
    melody = place_tune(tune(4, pickup=4), grid(8), sections((Form.A, 8)), loop=False)

    (statement,) = melody.statements
    assert (statement.start_bar, statement.has_pickup, statement.notes[0].onset) == (1, True, 12)
    assert melody.bars == set(range(5))


def test_a_pickup_is_left_out_where_the_tune_before_still_sings() -> None:
    form = sections((Form.INTRO, 1), (Form.A, 4), (Form.A, 4), (Form.OUTRO, 3))

    first, second = place_tune(tune(4, pickup=4), grid(12), form, loop=False).statements

    assert (first.has_pickup, second.has_pickup) == (True, False)
    assert second.notes[0].onset == 5 * 16


@given(
    bars=st.integers(1, 20),
    length=st.integers(2, 40),
    pickup=st.sampled_from([0, 2, 4, 12]),
    cut=st.integers(1, 39),
    loop=st.booleans(),
)
def test_statements_never_meet_and_end_before_the_last_chord(
    bars: int, length: int, pickup: int, cut: int, loop: bool
) -> None:
    first = min(cut, length - 1)
    form = sections((Form.A, first), (Form.A, length - first))

    melody = place_tune(tune(bars, pickup=pickup), grid(length), form, loop=loop)

    notes = melody.notes
    assert all(a.onset + a.duration <= b.onset for a, b in pairwise(notes))
    assert {n.onset // 16 for n in notes} <= melody.bars
    assert max(melody.bars) < length - (not loop)
    assert min(n.onset for n in notes) >= 0


def test_a_piece_without_a_bar_for_the_tune_says_how_long_it_must_be() -> None:
    with pytest.raises(InvalidPlan, match=r"2 s hold no bar of the melody and an ending; ask for at least 4 s"):
        place_tune(tune(4), grid(1), sections((Form.A, 1)), loop=False)


ASKED = Brief(24.0, Style.FOLK, 120.0, Key(2, Mode.MAJOR), tempo_exact=True, tune=tune(4))


def test_a_plan_states_the_tune_in_its_key_and_the_leads_range() -> None:
    melody = plan(ASKED).melody

    assert melody is not None
    assert melody.tune.key == ASKED.key
    assert [n.pitch - m.pitch for n, m in zip(melody.tune.notes, tune(4).notes, strict=True)] == [2] * 8
    assert LEAD_RANGE[0] <= melody.tune.notes[0].pitch <= LEAD_RANGE[1]


def test_no_bar_of_the_tune_drops_beats() -> None:
    made = plan(replace(ASKED, duration_s=25.3))

    assert made.melody is not None
    assert {made.bars[bar].steps for bar in made.melody.bars} == {16}


def test_a_tune_in_another_metre_than_the_brief_is_refused() -> None:
    with pytest.raises(InvalidPlan, match="the melody is in 4/4, not in 3/4; leave the metre out"):
        plan(replace(ASKED, metre=Metre.THREE_FOUR))
