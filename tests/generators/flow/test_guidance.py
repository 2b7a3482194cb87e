"""Laws of guidance."""

import pytest
import torch
from torch import Tensor

from generators.flow.guidance import guide


def _both(x: Tensor, t: Tensor) -> Tensor:
    """3 with the condition, 1 without it."""
    half = len(x) // 2
    return torch.cat([torch.full_like(x[:half], 3.0), torch.ones_like(x[half:])])


@pytest.mark.parametrize(("scale", "velocity"), [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
def test_guidance_moves_along_the_line_from_free_to_given(scale: float, velocity: float) -> None:
    out = guide(_both, scale)(torch.zeros(2, 4), torch.zeros(2))

    assert torch.equal(out, torch.full((2, 4), velocity))
