"""Tunes: what is one, and how they move, are cut and become one line."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import InvalidScore
from generators.score.score import Key, Metre, Mode, Note
from generators.score.tune import LEAD_RANGE, Melody, Statement, Tune, one_at_a_time

C_MAJOR = Key(0, Mode.MAJOR)
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(Mode))


def tune(*notes: tuple[int, int, int], key: Key = C_MAJOR) -> Tune:
    """A tune in 4/4 of (onset, pitch, duration)."""
    return Tune(Metre.FOUR_FOUR, 100.0, key, tuple(Note(o, p, d, 80) for o, p, d in notes)).validate()


def steady(bars: int, pitch: int = 67) -> Tune:
    """Quarter notes."""
    return tune(*((4 * i, pitch + i % 3, 4) for i in range(4 * bars)))


def test_bars_count_from_the_first_bar_line_to_the_end_of_the_last_note() -> None:
    assert (tune((0, 60, 16)).bars, tune((0, 60, 17)).bars, tune((-4, 60, 4)).bars) == (1, 2, 1)


def test_a_pickup_is_what_comes_before_the_first_bar_line() -> None:
    assert (tune((-4, 60, 4), (0, 62, 4)).pickup, tune((2, 60, 4)).pickup) == (4, 0)


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ((), "at least one note"),
        (((-16, 60, 4),), "pickup of 16 steps"),
        (((0, 60, 5), (4, 62, 4)), "one note at a time"),
    ],
)
def test_what_is_no_tune_is_refused(notes: tuple[tuple[int, int, int], ...], said: str) -> None:
    with pytest.raises(InvalidScore, match=said):
        tune(*notes)


@given(KEYS, KEYS)
def test_a_tune_in_another_key_lies_in_its_scale_and_moved_the_short_way(before: Key, after: Key) -> None:
    given = tune(*((4 * i, 60 + p, 4) for i, p in enumerate(sorted(before.scale))), key=before)

    moved = given.in_key(after)

    assert moved.key == after
    assert {n.pitch % 12 for n in moved.notes} == after.scale
    assert {abs(b.pitch - a.pitch) for a, b in zip(given.notes, moved.notes, strict=True)} <= set(range(7))
    assert given.in_key(before) == given


@given(st.integers(21, 108))
def test_a_tune_moves_by_whole_octaves_and_no_more_than_needed(pitch: int) -> None:
    before = tune((0, pitch, 4))

    after = before.in_range().notes[0].pitch

    low, high = LEAD_RANGE
    assert low <= after <= high
    assert (after - pitch) % 12 == 0
    assert after == pitch or not low <= after - 12 * int(np.sign(after - pitch)) <= high


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_cut_tune_is_a_beginning_that_fits(bars: int, room: int) -> None:
    whole = steady(bars)

    part = whole.cut(room)

    assert part.bars <= room
    assert part.notes == whole.notes[: len(part.notes)]
    assert bars > room or part == whole


def test_a_cut_comes_rather_at_the_end_of_a_phrase() -> None:
    assert (steady(12).cut(6).bars, steady(12).cut(3).bars) == (4, 3)


def test_a_note_across_the_cut_is_let_go_there() -> None:
    assert tune((0, 60, 30), (32, 62, 4)).cut(1).notes == (Note(0, 60, 16, 80),)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(40, 90), st.integers(1, 12)), max_size=30))
def test_a_top_line_is_one_at_a_time_with_the_highest_note_of_every_onset(drawn: list[tuple[int, int, int]]) -> None:
    line = one_at_a_time(Note(o, p, d, 80) for o, p, d in drawn)

    assert [n.onset for n in line] == sorted({o for o, _, _ in drawn})
    assert all(n.pitch == max(p for o, p, _ in drawn if o == n.onset) for n in line)
    assert all(a.onset + a.duration <= b.onset for a, b in pairwise(line))


def test_a_melody_owns_the_bars_of_its_statements_and_those_of_their_pickups() -> None:
    whole = steady(2)
    statements = (Statement(1, 2, whole.notes, has_pickup=True), Statement(5, 1, whole.notes[:4], has_pickup=False))

    melody = Melody(whole, statements)

    assert melody.bars == {0, 1, 2, 5}
    assert not melody.is_cut
    assert Melody(whole, statements[1:]).is_cut
