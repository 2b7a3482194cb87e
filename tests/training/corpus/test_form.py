"""Sections by material."""

from hypothesis import given
from hypothesis import strategies as st

from generators.score.score import Form, Metre, Note, Role
from training.corpus.form import find_sections

UNIT = 8 * 16


def unit(start: int, pitches: tuple[int, ...], every: int, velocity: int = 80) -> list[Note]:
    return [Note(start + s, pitches[i % len(pitches)], every, velocity) for i, s in enumerate(range(0, UNIT, every))]


@given(st.integers(1, 70))
def test_sections_cover_all_bars_once(bars: int) -> None:
    notes = tuple(Note(16 * b, 60, 4, 80) for b in range(bars))
    sections = find_sections({Role.LEAD: notes}, bars, Metre.FOUR_FOUR, final=True)

    assert [b for s in sections for b in range(s.start_bar, s.start_bar + s.bars)] == list(range(bars))
    assert all(s.bars >= 4 or bars < 4 for s in sections)


def test_what_comes_back_has_the_form_it_had() -> None:
    a, b = (60, 64, 67), (61, 66, 70, 73)
    notes = unit(0, a, 4) + unit(UNIT, b, 2) + unit(2 * UNIT, a, 4)
    sections = find_sections({Role.LEAD: tuple(notes)}, 24, Metre.FOUR_FOUR, final=False)

    assert [s.form for s in sections] == [Form.A, Form.B, Form.A]


def test_the_end_of_a_piece_is_an_outro() -> None:
    notes = tuple(unit(0, (60,), 4) + unit(UNIT, (60,), 4) + unit(2 * UNIT, (60,), 4))

    assert find_sections({Role.LEAD: notes}, 24, Metre.FOUR_FOUR, final=True)[-1].form is Form.OUTRO


def test_a_thin_start_is_an_intro() -> None:
    notes = unit(0, (60,), 16, 40) + unit(UNIT, (60, 64), 2) + unit(2 * UNIT, (60, 64), 2)

    assert find_sections({Role.LEAD: tuple(notes)}, 24, Metre.FOUR_FOUR, final=False)[0].form is Form.INTRO
