"""What is given comes back exactly."""

import numpy as np
import pytest

from generators.errors import InvalidScore
from generators.score.controls import measure
from generators.score.given import Given, given_roles, repainted_bars, restore, with_chords, without_missing
from generators.score.score import ROLES, Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section

C = Chord(0, Quality.MAJ)


def _score(pitch: int, bars: int = 4) -> Score:
    notes = tuple(Note(16 * b, pitch, 16, 80) for b in range(bars))
    return Score(
        Metre.FOUR_FOUR,
        Key(0, Mode.MAJOR),
        120.0,
        bars,
        {Role.LEAD: notes, Role.BASS: notes},
        (C,) * (2 * bars),
        (Section(Form.A, 0, bars),),
    ).validate()


def test_repainting_a_bar_leaves_all_others_untouched() -> None:
    old, new = _score(60), _score(67)

    mixed = restore(new, repainted_bars(old, [2]))

    assert [n.pitch for n in mixed.parts[Role.LEAD]] == [60, 60, 67, 60]


def test_a_given_role_stays_and_the_others_are_new() -> None:
    mixed = restore(_score(67), given_roles(_score(60), [Role.LEAD]))

    assert {n.pitch for n in mixed.parts[Role.LEAD]} == {60}
    assert {n.pitch for n in mixed.parts[Role.BASS]} == {67}


def test_a_new_note_stops_where_given_bars_begin() -> None:
    old = _score(60)
    long = Score(
        old.metre, old.key, 120.0, 4, {Role.LEAD: (Note(16, 72, 48, 80),)}, old.chords, old.sections
    ).validate()
    cells = np.ones((4, 8), bool)
    cells[1] = False

    mixed = restore(long, Given(old, cells))

    assert [n for n in mixed.parts[Role.LEAD] if n.pitch == 72] == [Note(16, 72, 16, 80)]


def test_a_bar_that_is_not_there_cannot_be_repainted() -> None:
    with pytest.raises(InvalidScore, match="bars 0 to 3"):
        repainted_bars(_score(60), [4])


def test_chords_are_given_in_every_bar_beside_what_was_given_before() -> None:
    old = given_roles(_score(60), [Role.LEAD], harmony=False)
    asked = (Chord(5, Quality.MAJ),) * 8

    mixed = restore(_score(67), with_chords(old, asked))

    assert mixed.chords == asked
    assert {n.pitch for n in mixed.parts[Role.LEAD]} == {60}
    assert {n.pitch for n in mixed.parts[Role.BASS]} == {67}
    assert not old.cells[:, 0].any()


def test_only_roles_that_are_mostly_missing_are_left_to_be_written() -> None:
    score = _score(60)  # of lead and bass
    asked = np.ones((score.bars, len(ROLES)), np.float32)
    asked[:, [ROLES.index(r) for r in (Role.COUNTER, Role.CHORDS, Role.PAD, Role.EFFECTS)]] = 0.0

    rest = without_missing(score, asked, None)

    assert rest is not None
    assert not rest.cells[:, 1 + ROLES.index(Role.DRUMS)].any()
    assert np.delete(rest.cells, 1 + ROLES.index(Role.DRUMS), axis=1).all()


def test_a_score_that_has_all_it_was_asked_for_is_left_alone() -> None:
    score = _score(60)  # of lead and bass
    asked = measure(score).values["roles"]

    assert without_missing(score, asked, None) is None


def test_what_was_given_stays_given_when_missing_roles_are_written() -> None:
    score = _score(60)  # of lead and bass
    given = given_roles(score, [Role.DRUMS])

    rest = without_missing(score, np.ones((score.bars, len(ROLES)), np.float32), given)

    assert rest is not None
    assert rest.cells[:, 1 + ROLES.index(Role.DRUMS)].all()
