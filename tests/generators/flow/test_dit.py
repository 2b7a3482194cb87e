"""Laws of the transformer: what it may and may not see."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from generators.flow.checkpoint import parameters
from generators.flow.dit import DiT, DiTConfig

CONFIG = DiTConfig(channels=6, local=5, embedding=4, width=32, depth=2, heads=2)
KINDS = (
    CONFIG,
    replace(CONFIG, shared=True),
    replace(CONFIG, reach=3),
    replace(CONFIG, shared=True, reach=5),
    replace(CONFIG, guess=3),
)


def _net(config: DiTConfig = CONFIG) -> DiT:
    torch.manual_seed(0)
    net = DiT(config).eval()
    for p in net.parameters():  # the zero-initialised gates would hide everything
        torch.nn.init.normal_(p, std=0.2)
    return net


def _inputs(bars: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    g = torch.Generator().manual_seed(1)
    x, local, embedding = (torch.randn(2, bars, width, generator=g) for width in (6, 5, 4))
    return x, torch.rand(2, generator=g), local, embedding, torch.ones(2, bars, dtype=torch.bool)


@pytest.mark.parametrize("config", KINDS)
def test_a_new_net_expects_the_mean_of_the_data(config: DiTConfig) -> None:
    x, t, *rest = _inputs(7)

    velocity = DiT(config)(x, t, *rest).detach()

    assert torch.allclose(velocity, -x / (1.0 - t).clamp(min=0.05)[:, None, None])


@pytest.mark.parametrize("config", KINDS)
def test_padding_changes_nothing_where_the_piece_is(config: DiTConfig) -> None:
    net = _net(config)
    x, t, local, embedding, valid = _inputs(9)
    valid[:, 6:] = False
    short = net(x[:, :6], t, local[:, :6], embedding[:, :6], valid[:, :6])

    padded = net(x, t, local, embedding, valid)[:, :6]

    assert torch.allclose(short, padded, atol=1e-5)


def test_items_of_a_batch_do_not_see_each_other() -> None:
    net = _net()
    x, t, local, embedding, valid = _inputs(5)

    both = net(x, t, local, embedding, valid)
    alone = net(x[:1], t[:1], local[:1], embedding[:1], valid[:1])

    assert torch.allclose(both[:1], alone, rtol=1e-5, atol=1e-4)


def test_every_bar_sees_every_other_and_its_distance() -> None:
    net = _net()
    x, t, local, embedding, valid = _inputs(6)
    moved = x.clone()
    moved[:, 5] += 1.0

    change = (net(moved, t, local, embedding, valid) - net(x, t, local, embedding, valid)).abs().amax(-1)

    assert bool((change > 1e-6).all())
    assert not torch.allclose(change[:, 0], change[:, 4])


def test_shared_modulation_saves_weights_and_still_tells_the_time() -> None:
    net = _net(replace(CONFIG, shared=True, depth=6))
    x, _, *rest = _inputs(5)

    assert parameters(net) < 0.8 * parameters(_net(replace(CONFIG, depth=6)))
    early, late = (net(x, torch.full((2,), at), *rest) * (1.0 - at) + x for at in (0.1, 0.6))
    assert not torch.allclose(early, late, atol=1e-3)


def test_a_convolution_is_heard_and_begins_with_nothing_to_say() -> None:
    config = replace(CONFIG, reach=3)
    x, t, *rest = _inputs(9)
    net, deaf = _net(config), _net(config)
    for name, parameter in deaf.named_parameters():
        if ".near." in name:
            torch.nn.init.zeros_(parameter)

    assert not torch.allclose(net(x, t, *rest), deaf(x, t, *rest), atol=1e-3)
    assert not any(p.any() for name, p in DiT(config).named_parameters() if name.endswith(".near.weight"))


def test_a_guess_is_linear_in_what_is_known_nearby_and_blocks_add_to_it() -> None:
    net = DiT(replace(CONFIG, guess=3))
    torch.nn.init.normal_(dict(net.named_parameters())["guess.weight"])
    x, _, local, embedding, valid = _inputs(9)
    one, two = (net(x, torch.zeros(2), k * local, embedding, valid) + x for k in (1.0, 2.0))
    changed = local.clone()
    changed[:, 4] += 1.0

    moved = (net(x, torch.zeros(2), changed, embedding, valid) + x - one).abs().sum((0, 2)) > 1e-6

    assert torch.allclose(two, 2.0 * one, atol=1e-4)
    assert moved.tolist() == [3 <= i <= 5 for i in range(9)]
