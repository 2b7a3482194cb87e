"""Laws of windows: they cover the piece, leave alone what is made step by step, and have no seam."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from generators.audio.published.windows import Windows


@pytest.mark.parametrize("n", [1, 31, 32, 33, 64, 100, 1000])
def test_windows_reach_from_the_first_step_to_the_last_and_overlap(n: int) -> None:
    starts = Windows(32).starts(n)

    assert starts[0] == 0
    assert starts[-1] == max(0, n - 32)
    assert all(0 < later - earlier <= 16 for earlier, later in pairwise(starts))


@pytest.mark.parametrize("n", [5, 32, 33, 77])
@pytest.mark.parametrize("scale", [1, 2])
def test_what_is_made_step_by_step_is_the_same_in_windows(n: int, scale: int) -> None:
    x = torch.randn(2, 3, n, 4)

    def apply(part: Tensor) -> Tensor:
        return torch.sin(part).repeat_interleave(scale, dim=2)

    torch.testing.assert_close(Windows(32).blend(apply, x), apply(x))


def test_no_window_is_longer_than_asked_for_and_a_short_piece_goes_through_in_one() -> None:
    lengths: list[int] = []

    def apply(part: Tensor) -> Tensor:
        lengths.append(part.shape[2])
        return part

    Windows(8).blend(apply, torch.zeros(1, 1, 5, 1))
    Windows(8).blend(apply, torch.zeros(1, 1, 20, 1))

    assert lengths == [5, 8, 8, 8, 8]


def test_windows_that_disagree_are_faded_into_one_another() -> None:
    levels = iter(float(i) for i in range(100))

    whole = Windows(16).blend(lambda part: torch.full_like(part, next(levels)), torch.zeros(1, 1, 80, 1)).flatten()

    assert whole[0] == 0.0
    assert whole[-1] == len(Windows(16).starts(80)) - 1
    assert float(whole.diff().abs().max()) < 0.25
