"""Laws of windows: they cover everything, add up to what they are of, and agree where they overlap."""

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from generators.audio.conditions import Conditions
from generators.audio.windows import OVERLAP, WINDOW, layout, over_windows
from generators.flow.solver import Velocity
from tests.generators.audio.worlds import small_conditions

lengths = st.integers(8, 3000)


@given(lengths, st.booleans())
def test_windows_of_anything_add_up_to_it(frames: int, circular: bool) -> None:
    windows = layout(frames, circular=circular)
    piece = torch.randn(1, frames, 2, generator=torch.Generator().manual_seed(frames))

    assert torch.allclose(windows.blended(windows.gathered(piece)), piece, atol=1e-4)
    assert windows.places.shape[1] == min(WINDOW, frames)


@given(lengths)
def test_cost_grows_with_the_length_and_no_faster(frames: int) -> None:
    places = layout(frames).places.numel()

    assert places <= frames * WINDOW / (WINDOW - OVERLAP) + WINDOW


@given(st.integers(8, 1000))
def test_in_a_loop_every_joint_lies_inside_a_window(frames: int) -> None:
    windows = layout(frames, circular=True)

    joints = {(a, b) for row in windows.places for a, b in pairwise(row.tolist())}

    assert {(k, (k + 1) % frames) for k in range(frames)} <= joints


@given(lengths)
def test_neighbours_share_what_they_fade_over(frames: int) -> None:
    windows = layout(frames)

    starts = windows.places[:, 0]

    assert (starts.diff() <= WINDOW - OVERLAP).all()
    assert (windows.weights >= 0.0).all()


def test_only_windows_with_something_to_make_are_kept() -> None:
    asked = torch.zeros(1000, dtype=torch.bool)
    asked[990:] = True

    kept = layout(1000).kept(asked)

    assert 1 <= len(kept.places) < len(layout(1000).places)
    assert asked[kept.places].any(dim=1).all()


def test_a_velocity_that_needs_no_context_is_the_same_through_windows() -> None:
    told = small_conditions(700, 30.0)

    def velocity_of(part: Conditions) -> Velocity:
        return lambda x_t, t: x_t * t[:, None, None] + part.values.sum(-1, keepdim=True)

    x_t, t = torch.randn(1, 700, 4), torch.full((1,), 0.3)
    through = over_windows(velocity_of, told, layout(700))(x_t, t)

    assert torch.allclose(through, velocity_of(told)(x_t, t), atol=1e-3)


def test_velocities_change_gently_from_window_to_window() -> None:
    told = small_conditions(400, 18.0)
    windows = layout(400)

    def velocity_of(part: Conditions) -> Velocity:
        return lambda x_t, t: torch.zeros_like(x_t) + torch.arange(len(x_t))[:, None, None]

    steps = over_windows(velocity_of, told, windows)(torch.zeros(1, 400, 1), torch.zeros(1)).diff(dim=1).abs()

    assert steps.max() < 2.5 / OVERLAP
