"""Laws of the blocks: how far they see, and that frames keep their places."""

import torch

from generators.audio.blocks import REACH, Norm, stack


def test_a_stack_sees_exactly_its_reach_and_no_further() -> None:
    torch.manual_seed(0)
    net = stack(6, 8, 2).double()
    x = torch.randn(1, 6, 41, dtype=torch.float64)
    moved = x.clone()
    moved[..., 20] += 1.0

    change = (net(moved) - net(x)).abs().amax((0, 1))

    seen = change.nonzero().flatten()
    assert (int(seen[0]), int(seen[-1])) == (20 - 2 * REACH, 20 + 2 * REACH)


def test_the_norm_makes_every_frame_alike_on_its_own() -> None:
    x = torch.randn(2, 16, 5) * torch.arange(1, 6)

    out = Norm(16)(x)

    assert torch.allclose(out.mean(1), torch.zeros(2, 5), atol=1e-5)
    assert torch.allclose(out.std(1, correction=0), torch.ones(2, 5), atol=1e-3)
