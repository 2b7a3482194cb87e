"""Bars and runs of one metre."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.score.score import Metre
from training.corpus.bars import Run, Signature, excerpts, runs

Q = 480


@given(st.integers(8, 400))
def test_excerpts_cover_a_run_once_and_none_is_longer_than_64_bars(bars: int) -> None:
    parts = excerpts(Run(Metre.FOUR_FOUR, 100, bars), Q)

    ends = [p.start_tick + p.bars * 4 * Q for p in parts]
    assert parts[0].start_tick == 100
    assert [p.start_tick for p in parts[1:]] == ends[:-1]
    assert sum(p.bars for p in parts) == bars
    assert all(8 <= p.bars <= 64 for p in parts)
    assert all((p.start_tick - 100) % (8 * 4 * Q) == 0 for p in parts)


@pytest.mark.parametrize(
    ("numerator", "denominator", "metre", "quarters"),
    [
        (4, 4, Metre.FOUR_FOUR, 4),
        (2, 2, Metre.FOUR_FOUR, 4),
        (2, 4, Metre.FOUR_FOUR, 4),
        (3, 4, Metre.THREE_FOUR, 3),
        (6, 8, Metre.SIX_EIGHT, 3),
        (3, 8, Metre.SIX_EIGHT, 3),
        (12, 8, Metre.SIX_EIGHT, 3),
    ],
)
def test_each_metre_is_joined_or_paired(numerator: int, denominator: int, metre: Metre, quarters: int) -> None:
    found = runs([Signature(0, numerator, denominator)], 12 * quarters * Q, Q)

    assert found == [Run(metre, 0, 12)]


def test_a_metre_that_a_score_does_not_know_is_left_out() -> None:
    assert runs([Signature(0, 5, 4)], 100 * Q, Q) == []


def test_without_a_signature_four_four_is_assumed() -> None:
    assert runs([], 40 * Q, Q) == [Run(Metre.FOUR_FOUR, 0, 10)]


def test_a_run_begins_after_the_pickup() -> None:
    found = runs([Signature(0, 1, 4), Signature(Q, 4, 4)], Q + 40 * Q, Q)

    assert found == [Run(Metre.FOUR_FOUR, Q, 10)]


def test_a_bar_that_a_repeat_sign_cuts_in_two_is_whole_again() -> None:
    cut = [Signature(0, 3, 4), Signature(12 * Q, 2, 4), Signature(14 * Q, 1, 4), Signature(15 * Q, 3, 4)]

    assert runs(cut, 30 * Q, Q) == [Run(Metre.THREE_FOUR, 0, 10)]


def test_a_change_of_metre_ends_a_run_and_short_runs_are_dropped() -> None:
    changes = [Signature(0, 4, 4), Signature(40 * Q, 3, 4), Signature(52 * Q, 4, 4)]

    assert runs(changes, (52 + 36) * Q, Q) == [Run(Metre.FOUR_FOUR, 0, 10), Run(Metre.FOUR_FOUR, 52 * Q, 9)]
