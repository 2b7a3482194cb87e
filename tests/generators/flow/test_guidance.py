"""Laws of guidance."""

import torch
from torch import Tensor

from generators.flow.guidance import guide


def _three(x: Tensor, t: Tensor) -> Tensor:
    return torch.full_like(x, 3.0)


def _one(x: Tensor, t: Tensor) -> Tensor:
    return torch.ones_like(x)


def test_scale_one_is_the_conditional_velocity_and_scale_zero_the_free_one() -> None:
    x, t = torch.zeros(2, 2), torch.zeros(2)

    assert guide(_three, _one, 1.0) is _three
    assert torch.equal(guide(_three, _one, 0.0)(x, t), _one(x, t))


def test_guidance_moves_beyond_the_conditional_velocity() -> None:
    assert float(guide(_three, _one, 2.0)(torch.zeros(1), torch.zeros(1))) == 5.0
