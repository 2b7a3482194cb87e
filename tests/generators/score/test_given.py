"""What is given comes back exactly."""

import numpy as np
import pytest

from generators.errors import InvalidScore
from generators.score.given import Given, given_roles, repainted_bars, restore
from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section

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
