"""Leitmotifs: what returns is what was stated, changed as it was asked and in no other way."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.score.given import given_roles, restore
from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section
from generators.score.theme import (
    MOST_BARS,
    Placement,
    Theme,
    ThemeCall,
    ThemeForm,
    fitted,
    placed,
    returning,
    shaped,
    taken,
    theme_bars,
    voiceless,
)

A_MINOR = Key(9, Mode.MINOR)
AM, G = Chord(9, Quality.MIN), Chord(7, Quality.MAJ)
PER = 16
LINE = ((0, 69, 4), (4, 71, 2), (6, 72, 6), (14, 76, 2), (16, 74, 16))


def a_score(lead: tuple[tuple[int, int, int], ...] = LINE, *, bars: int = 8, role: Role = Role.LEAD) -> Score:
    notes = tuple(Note(at, pitch, long, 80) for at, pitch, long in lead)
    pad = tuple(Note(PER * b, 57, PER, 60) for b in range(bars))
    parts = {Role.PAD: pad, role: notes}
    return Score(Metre.FOUR_FOUR, A_MINOR, 100.0, bars, parts, (AM, G) * bars, (Section(Form.A, 0, bars),)).validate()


def line(score: Score, start_bar: int, bars: int) -> list[tuple[int, int, int]]:
    start, end = start_bar * PER, (start_bar + bars) * PER
    return [(n.onset - start, n.pitch, n.duration) for n in score.parts[Role.LEAD] if start <= n.onset < end]


def returned(score: Score, call: ThemeCall, *, bars: int = 2) -> Score:
    """The score with a theme of its first two bars at bar 4."""
    free, _ = returning(score, (Placement(ThemeCall("hero"), 0, 2), Placement(call, 4, bars)))
    return free.score.validate()


lines = st.lists(st.tuples(st.integers(0, 31), st.integers(50, 80), st.integers(1, 16)), min_size=1, max_size=12).map(
    lambda notes: tuple(sorted((at, pitch, min(long, 32 - at)) for at, pitch, long in notes))
)


@given(lines)
def test_an_exact_return_is_the_statement_note_by_note(notes: tuple[tuple[int, int, int], ...]) -> None:
    score = returned(a_score(notes), ThemeCall("hero"))

    assert line(score, 4, 2) == line(score, 0, 2) == list(notes)


@given(lines, st.integers(-24, 24).filter(bool))
def test_a_transposed_return_keeps_rhythm_and_intervals(notes: tuple[tuple[int, int, int], ...], by: int) -> None:
    score = returned(a_score(notes), ThemeCall("hero", ThemeForm.TRANSPOSED, semitones=by))

    assert line(score, 4, 2) == [(at, pitch + by, long) for at, pitch, long in notes]


@given(lines)
def test_an_augmented_return_doubles_every_onset_and_duration(notes: tuple[tuple[int, int, int], ...]) -> None:
    score = returned(a_score(notes), ThemeCall("hero", ThemeForm.AUGMENTED), bars=4)

    assert line(score, 4, 4) == [(2 * at, pitch, 2 * long) for at, pitch, long in notes]


def test_a_return_along_the_scale_keeps_to_the_scale() -> None:
    score = returned(a_score(), ThemeCall("hero", ThemeForm.TRANSPOSED, degrees=2))

    assert [pitch for _, pitch, _ in line(score, 4, 2)] == [72, 74, 76, 79, 77]


def test_a_note_beside_the_scale_stays_as_far_beside_it() -> None:
    theme = Theme((Note(0, 70, 4, 80),), (AM,), 1, PER)

    moved = shaped(theme, ThemeCall("hero", ThemeForm.TRANSPOSED, degrees=1), A_MINOR)

    assert moved.notes[0].pitch == 72  # a semitone over the degree below it: A sharp over A, C over B


@given(st.integers(-14, 14))
def test_moving_along_the_scale_and_back_changes_nothing(degrees: int) -> None:
    theme = taken(a_score(), 0, 2)
    there, back = (ThemeCall("hero", ThemeForm.TRANSPOSED, degrees=d) for d in (degrees, -degrees))

    assert shaped(shaped(theme, there, A_MINOR), back, A_MINOR).notes == theme.notes


def test_a_line_that_would_leave_the_keyboard_moves_by_octaves_as_a_whole() -> None:
    theme = Theme((Note(0, 96, 4, 80), Note(4, 91, 4, 80)), (AM,), 1, PER)

    moved = shaped(theme, ThemeCall("hero", ThemeForm.TRANSPOSED, semitones=14), A_MINOR)

    assert [n.pitch for n in moved.notes] == [98, 93]


@pytest.mark.parametrize(
    ("call", "chords"),
    [
        (ThemeCall("hero"), (AM, G)),
        (ThemeCall("hero", ThemeForm.TRANSPOSED, semitones=3), (Chord(0, Quality.MIN), Chord(10, Quality.MAJ))),
        (ThemeCall("hero", ThemeForm.TRANSPOSED, degrees=2), (Chord(0, Quality.MAJ), Chord(11, Quality.DIM))),
        (ThemeCall("hero", ThemeForm.AUGMENTED), (AM, AM, G, G)),
    ],
)
def test_the_harmony_of_the_statement_changes_as_its_line_does(
    call: ThemeCall, chords: tuple[Chord | None, ...]
) -> None:
    assert shaped(Theme((), (AM, G), 1, PER), call, A_MINOR).chords == chords


def test_a_place_too_short_holds_the_theme_until_its_end() -> None:
    theme = fitted(taken(a_score(((0, 69, 12), (12, 71, 12))), 0, 2), 1)

    assert [(n.onset, n.duration) for n in theme.notes] == [(0, 12), (12, 4)]
    assert (theme.bars, len(theme.chords)) == (1, 2)


def test_a_theme_is_let_go_where_its_bars_end_and_is_never_longer_than_can_be_known_again() -> None:
    long = taken(a_score(((0, 69, 200),), bars=20), 0, 20)

    assert (long.bars, long.notes[0].duration) == (MOST_BARS, MOST_BARS * PER)


def test_without_a_lead_the_highest_line_is_the_theme_and_its_statement() -> None:
    score = a_score(role=Role.COUNTER)

    known, _ = returning(score, (Placement(ThemeCall("hero"), 0, 2), Placement(ThemeCall("hero"), 4, 2)))

    assert line(known.score, 0, 2) == line(known.score, 4, 2) == list(LINE)


def test_all_but_the_returning_line_is_free_there_and_everything_else_is_given() -> None:
    free, carried = returning(a_score(), (Placement(ThemeCall("hero"), 0, 2), Placement(ThemeCall("hero"), 4, 2)))

    there = np.zeros(8, bool)
    there[4:6] = True
    assert free.cells[~there].all()
    assert free.cells[there].sum() == 2  # the lead, in two bars
    assert carried.cells[there, 0].all()
    assert not carried.cells[there, 2:].any()


def test_old_notes_stop_where_a_return_begins() -> None:
    score = a_score(((0, 69, 4), (60, 64, 20)))
    score = replace(score, parts={**score.parts, Role.PAD: (Note(48, 57, 64, 60),)})

    known, _ = returning(score, (Placement(ThemeCall("hero"), 0, 1), Placement(ThemeCall("hero"), 4, 1)))

    assert Note(60, 64, 4, 80) in known.score.parts[Role.LEAD]
    assert known.score.parts[Role.PAD] == (Note(48, 57, 16, 60),)


def test_a_given_lead_is_never_written_over() -> None:
    tune = a_score(((0, 60, 16), (70, 62, 20)))

    known = returning(
        tune, (Placement(ThemeCall("hero"), 0, 1), Placement(ThemeCall("hero"), 4, 1)), given_roles(tune, [Role.LEAD])
    )

    assert known == ()


def test_chords_that_were_given_stay_in_the_returns() -> None:
    score = a_score()

    (known,) = returning(
        score,
        (Placement(ThemeCall("hero"), 0, 2), Placement(ThemeCall("hero", ThemeForm.AUGMENTED), 4, 4)),
        given_roles(score, []),
    )

    assert known.cells[:, 0].all()
    assert known.score.chords == score.chords


def test_whatever_is_drawn_around_it_the_line_comes_back() -> None:
    known, _ = returning(a_score(), (Placement(ThemeCall("hero"), 0, 2), Placement(ThemeCall("hero"), 4, 2)))
    drawn = a_score(tuple((at, 60, 9) for at in range(0, 120, 7)))

    mixed = restore(drawn, known).validate()

    assert line(mixed, 4, 2) == line(mixed, 0, 2) == list(LINE)


def test_a_theme_that_never_returns_gives_nothing() -> None:
    assert returning(a_score(), (Placement(ThemeCall("hero"), 0, 2), Placement(ThemeCall("villain"), 4, 2))) == ()


def test_each_name_has_a_theme_of_its_own() -> None:
    score = a_score((*LINE, (40, 50, 4)))
    calls = [Placement(ThemeCall(name), 2 * i, 2) for i, name in enumerate(("hero", "villain", "villain", "hero"))]

    free, _ = returning(score, calls)

    assert line(free.score, 4, 2) == [(8, 50, 4)]
    assert line(free.score, 6, 2) == list(LINE)


def test_a_statement_is_voiceless_by_the_bars_in_which_no_lead_begins() -> None:
    stated = Placement(ThemeCall("hero"), 0, 4)

    assert voiceless(a_score(), [stated, Placement(ThemeCall("hero"), 6, 2)]) == 0.5
    assert voiceless(a_score(), []) == 0.0


def test_the_bars_of_all_themes_are_named() -> None:
    assert theme_bars([Placement(ThemeCall("a"), 1, 2), Placement(ThemeCall("b"), 6, 1)]) == {1, 2, 6}


def test_placing_a_theme_replaces_the_lead_of_its_bars() -> None:
    there = placed(a_score(((0, 60, 40), (20, 61, 4), (40, 62, 4))), Theme((Note(2, 70, 3, 90),), (AM,), 1, PER), 1)

    assert [(n.onset, n.pitch, n.duration) for n in there.parts[Role.LEAD]] == [(0, 60, 16), (18, 70, 3), (40, 62, 4)]
