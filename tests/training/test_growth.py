"""Laws of growth: a deeper net begins by doing what it did, and its new blocks learn."""

import torch

from generators.flow.dit import DiT
from tests.generators.audio.worlds import tiny_net
from training.growth import deepened


def _asked(net: DiT) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    x_t, local, embedding = (
        torch.randn(2, 9, width, generator=generator)
        for width in (net.config.channels, net.config.local, net.config.embedding)
    )
    out: torch.Tensor = net(x_t, torch.tensor([0.2, 0.7]), local, embedding, torch.ones(2, 9, dtype=torch.bool))
    return out


def test_a_deeper_net_does_what_it_did() -> None:
    net = tiny_net()

    grown = deepened(net, 5)

    assert len(grown.blocks) == grown.config.depth == 5
    assert torch.equal(_asked(grown), _asked(net))


def test_every_new_block_learns() -> None:
    grown = deepened(tiny_net(), 4)

    _asked(grown).square().mean().backward()

    learns = {name for name, p in grown.named_parameters() if p.grad is not None and p.grad.abs().max() > 0.0}
    assert {f"blocks.{i}.{layer}.weight" for i in (2, 3) for layer in ("out", "shrink")} <= learns


def test_a_net_that_is_deep_enough_stays() -> None:
    net = tiny_net()

    assert deepened(net, 2) is net
    assert deepened(net, 1) is net
