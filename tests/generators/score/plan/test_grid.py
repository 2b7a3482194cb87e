import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generators.errors import InvalidPlan
from generators.score.plan.brief import Brief, Cut, GridBar, Span
from generators.score.plan.grid import ON_GRID_S, Grid, lay
from generators.score.score import Metre
from tests.generators.score.briefs import brief, briefs


def bends(grid: Grid, metre: Metre) -> list[float]:
    step_s = 60.0 / grid.tempo_bpm / metre.steps_per_beat
    return [(b.end_s - b.start_s) / (b.steps * step_s) - 1.0 for b in grid.bars]


def two_bars_s(asked: Brief) -> float:
    return 2 * asked.metre.beats_per_bar * 60.0 / asked.tempo_bpm


def time_of(bar: GridBar, step: int) -> float:
    return bar.start_s + (bar.end_s - bar.start_s) * step / bar.steps


@settings(max_examples=60)
@given(briefs())
def test_bars_are_contiguous_from_zero_to_exactly_the_duration(asked: Brief) -> None:
    grid = lay(asked)

    assert grid.bars[0].start_s == 0.0
    assert grid.bars[-1].end_s == asked.duration_s
    assert all(a.end_s == b.start_s for a, b in zip(grid.bars[:-1], grid.bars[1:], strict=True))
    assert all(b.end_s > b.start_s and 1 <= b.steps <= asked.metre.steps_per_bar for b in grid.bars)


@settings(max_examples=60)
@given(briefs())
def test_no_bar_bends_by_more_than_four_per_cent_from_two_bars_on(asked: Brief) -> None:
    assume(asked.duration_s >= two_bars_s(asked))

    grid = lay(asked)

    assert max(abs(b) for b in bends(grid, asked.metre)) <= 0.04 + 1e-9


@settings(max_examples=60)
@given(briefs())
def test_the_tempo_stays_near_the_asked_one_and_exact_where_asked(asked: Brief) -> None:
    tempo = lay(asked).tempo_bpm

    assert 40.0 <= tempo <= 220.0 or asked.duration_s < 1.5
    if asked.tempo_exact:
        assert tempo == asked.tempo_bpm
    elif asked.duration_s >= 2 * two_bars_s(asked):
        assert abs(tempo / asked.tempo_bpm - 1.0) <= 0.145


@settings(max_examples=60)
@given(briefs())
def test_every_cut_gets_one_accent_and_no_two_share_a_step(asked: Brief) -> None:
    grid = lay(asked)

    inside = sorted(c.time_s for c in asked.cuts if c.time_s < asked.duration_s)
    assert [a.time_s for a in grid.accents] == inside
    places = [(a.bar, a.step) for a in grid.accents if a.bar is not None]
    assert len(places) == len(set(places))


@settings(max_examples=60)
@given(briefs())
def test_a_cut_on_the_grid_is_on_its_step(asked: Brief) -> None:
    grid = lay(asked)

    for a in grid.accents:
        if a.bar is not None and a.step is not None:
            assert abs(time_of(grid.bars[a.bar], a.step) - a.cut.time_s) <= ON_GRID_S


@settings(max_examples=25)
@given(briefs())
def test_the_same_brief_gives_the_same_grid(asked: Brief) -> None:
    assert lay(asked) == lay(asked)


@settings(max_examples=60)
@given(st.floats(0.5, 60.0), st.floats(60.0, 170.0), st.lists(st.floats(0.0, 60.0), max_size=6))
def test_a_loop_is_whole_bars(duration_s: float, tempo_bpm: float, times: list[float]) -> None:
    asked = brief(duration_s, *((t, 0.8) for t in times), tempo_bpm=tempo_bpm, loop=True)

    assert {b.steps for b in lay(asked).bars} == {16}


def test_a_loop_without_cuts_has_equal_bars() -> None:
    bars = lay(brief(17.3, loop=True)).bars

    assert np.ptp([b.end_s - b.start_s for b in bars]) < 1e-6


def test_a_loop_that_cannot_be_exact_says_what_would_fit() -> None:
    with pytest.raises(InvalidPlan, match=r"ask for 4\.000 s"):
        lay(replace(brief(3.3, tempo_bpm=120.0, loop=True), tempo_exact=True))


@pytest.mark.parametrize("time_s", [9.5, 10.0, 10.31, 10.9, 11.4])
def test_a_cut_of_full_weight_gets_a_downbeat_when_one_is_in_reach(time_s: float) -> None:
    accent = lay(brief(40.0, (time_s, 1.0))).accents[0]

    assert accent.step == 0
    assert accent.bar is not None


def test_cuts_met_by_the_search_are_exact_to_a_millisecond() -> None:
    grid = lay(brief(60.0, (5.2, 0.6), (12.1, 1.0), (20.3, 0.5), (28.7, 0.9), (44.4, 1.0), (51.0, 0.4)))

    assert all(a.bar is not None for a in grid.accents)
    errors = [abs(time_of(grid.bars[a.bar or 0], a.step or 0) - a.time_s) for a in grid.accents]
    assert max(errors) <= 0.001


def test_most_of_many_random_cuts_are_met_on_the_grid() -> None:
    random = np.random.default_rng(3)
    cuts = tuple((float(t), float(w)) for t, w in random.uniform((0, 0.3), (300, 1.0), (100, 2)))

    accents = lay(brief(300.0, *cuts)).accents

    assert np.mean([a.bar is not None for a in accents]) > 0.6
    heavy = [a for a in accents if a.cut.weight > 0.7]
    assert np.mean([a.step is not None and a.step % 4 == 0 for a in heavy]) > 0.5


def test_beats_are_dropped_only_for_a_strong_moment_or_at_the_end() -> None:
    grid = lay(brief(31.0, (7.1, 1.0), (13.9, 1.0), (22.3, 1.0)))

    strong = {a.bar for a in grid.accents if a.step == 0}
    short = [i for i, b in enumerate(grid.bars[:-1]) if b.steps < 16]
    assert all(i + 1 in strong for i in short)


def test_a_piece_without_cuts_keeps_its_tempo_and_does_not_bend() -> None:
    grid = lay(brief(24.0, tempo_bpm=120.0))

    assert math.isclose(grid.tempo_bpm, 120.0)
    assert len(grid.bars) == 12
    assert max(abs(b) for b in bends(grid, Metre.FOUR_FOUR)) < 1e-6


@pytest.mark.parametrize("duration_s", [0.5, 0.7, 1.0, 1.9, 3.0])
def test_a_short_clip_has_a_sane_tempo_and_at_most_three_bars(duration_s: float) -> None:
    grid = lay(brief(duration_s))

    assert 40.0 <= grid.tempo_bpm <= 220.0
    assert len(grid.bars) <= 3


def test_a_span_border_draws_a_downbeat() -> None:
    asked = replace(brief(40.0), spans=(Span(0.0, 14.2), Span(14.2, 40.0)))

    starts = np.array([b.start_s for b in lay(asked).bars])

    assert np.abs(starts - 14.2).min() < 0.002


def test_ten_minutes_with_three_hundred_cuts_can_be_planned() -> None:
    times = np.random.default_rng(0).uniform(0, 600, 300)
    asked = brief(600.0, *((float(t), 0.7) for t in times))

    grid = lay(asked)

    assert grid.bars[-1].end_s == 600.0
    assert max(abs(b) for b in bends(grid, Metre.FOUR_FOUR)) <= 0.04 + 1e-9


@pytest.mark.parametrize(
    "wrong",
    [brief(0.0), brief(-1.0), brief(math.nan), brief(10.0, tempo_bpm=5.0), brief(10.0, (math.inf, 1.0))],
)
def test_a_brief_that_means_nothing_is_refused(wrong: Brief) -> None:
    with pytest.raises(InvalidPlan):
        lay(wrong)


def test_of_two_cuts_at_one_step_the_heavier_keeps_it() -> None:
    cuts = (Cut(8.0, 0.4), Cut(8.004, 0.9))

    light, heavy = lay(replace(brief(16.0, tempo_bpm=120.0), cuts=cuts, tempo_exact=True)).accents

    assert heavy.step == 0
    assert light.bar is None
