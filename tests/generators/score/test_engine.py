"""Laws of the engine around the flow, and of the shipped flow."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from generators.errors import InvalidPlan
from generators.score.conditioning import Conditioning
from generators.score.engine import OVERLAP, WINDOW, Sampling, ScoreEngine, rolled, windows
from generators.score.plan.brief import Brief
from generators.score.plan.plan import plan
from generators.score.score import Key, Mode
from generators.score.style import Style

LIGHT = Sampling(steps=4)


@pytest.fixture(scope="module")
def engine() -> ScoreEngine:
    return ScoreEngine.load(Path("weights/tonereel-mini"))


@given(st.integers(1, 700))
def test_windows_cover_all_bars_and_overlap(bars: int) -> None:
    spans = list(windows(bars))

    assert spans[0][0] == 0
    assert spans[-1][1] == bars
    assert all(b - a <= WINDOW for a, b in spans)
    assert all(later[0] == earlier[1] - OVERLAP for earlier, later in pairwise(spans))


def test_a_rolled_velocity_turns_the_piece_and_turns_it_back() -> None:
    bars = 7
    marks = torch.arange(bars, dtype=torch.float32).view(1, bars, 1)
    wide = torch.zeros(1, bars, 1)
    condition = Conditioning(marks, wide, wide, wide, wide, torch.ones(1, bars, dtype=torch.bool))

    def velocity_of(turned: Conditioning) -> "object":
        return lambda x, t: turned.controls  # each bar answers with its own mark

    out = rolled(velocity_of, condition, seed=3)(wide, torch.zeros(1))  # type: ignore[arg-type]

    assert isinstance(out, Tensor)
    assert torch.equal(out, marks)


def test_long_pieces_are_written_window_by_window(engine: ScoreEngine) -> None:
    long = plan(Brief(150.0, Style.LOFI, 100.0, Key(0, Mode.MINOR)))
    clap = np.zeros(128, np.float32)

    score = engine.compose(long, clap, seed=0, sampling=LIGHT)

    assert len(long.bars) > WINDOW
    assert score.bars == len(long.bars)


def test_the_seed_decides_the_music(engine: ScoreEngine) -> None:
    short = plan(Brief(20.0, Style.LOFI, 84.0, Key(2, Mode.MINOR)))
    clap = np.zeros(128, np.float32)

    first, again, other = (engine.compose(short, clap, seed=s, sampling=LIGHT) for s in (1, 1, 2))

    assert first == again != other


def test_points_for_another_number_of_bars_are_refused(engine: ScoreEngine) -> None:
    short = plan(Brief(20.0, Style.LOFI, 84.0, Key(2, Mode.MINOR)))

    with pytest.raises(InvalidPlan, match="3 CLAP points"):
        engine.compose(short, np.zeros((3, 128), np.float32), seed=0)
