"""Laws of the score flow's velocities: guidance, strides, turning loops and what stays."""

import pytest
import torch
from torch import Tensor

from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SolverName
from generators.score.conditioning import Conditioning, local_width
from generators.score.controls import WIDTH, WIDTHS
from generators.score.sampling import Sampling, rolled, sampling_for, still, velocity_under

CHANNELS, GROUPS, DIM, BARS = 6, 3, 4, 5


def _net(*, strides: bool) -> DiT:
    torch.manual_seed(0)
    net = DiT(DiTConfig(CHANNELS, local_width(CHANNELS, GROUPS), DIM + 1, 32, 2, 2, strides)).eval()
    for p in net.parameters():  # the zero-initialised gates would hide everything
        torch.nn.init.normal_(p, std=0.1)
    return net.requires_grad_(requires_grad=False)


def _condition() -> Conditioning:
    g = torch.Generator().manual_seed(1)
    return Conditioning(
        torch.rand(1, BARS, WIDTH, generator=g),
        torch.ones(1, BARS, len(WIDTHS)),
        torch.randn(1, BARS, DIM, generator=g),
        torch.zeros(1, BARS, CHANNELS),
        torch.zeros(1, BARS, GROUPS),
        torch.ones(1, BARS, dtype=torch.bool),
    )


def _at(net: DiT, sampling: Sampling, condition: Conditioning) -> Tensor:
    x = torch.randn(1, BARS, CHANNELS, generator=torch.Generator().manual_seed(2))
    return velocity_under(net, condition, sampling)(x, torch.tensor([0.25]))


def test_a_distilled_net_is_solved_in_few_strides_without_guidance() -> None:
    quick, full = (sampling_for(_net(strides=strides)) for strides in (True, False))

    assert (quick.solver, quick.guidance) == (SolverName.EULER, 1.0)
    assert quick.steps < full.steps
    assert full.guidance > 1.0
    assert sampling_for(_net(strides=True), steps=3).steps == 3


def test_guidance_moves_on_from_the_free_velocity_past_the_asked_one() -> None:
    net, condition = _net(strides=False), _condition()

    asked, guided = (_at(net, Sampling(guidance=scale), condition) for scale in (1.0, 3.0))
    free = _at(net, Sampling(guidance=1.0), condition.freed())

    assert torch.allclose(guided, free + 3.0 * (asked - free), atol=1e-4)
    assert not torch.allclose(guided, asked, atol=1e-2)


@pytest.mark.parametrize("strides", [True, False])
def test_only_a_net_with_strides_hears_how_far_it_is_followed(strides: bool) -> None:
    net, condition = _net(strides=strides), _condition()

    few, many = (_at(net, Sampling(steps=k, guidance=1.0, strides=strides), condition) for k in (1, 8))

    assert torch.equal(few, many) is not strides


def test_more_steps_than_were_taught_are_asked_for_the_shortest_stride() -> None:
    net, condition = _net(strides=True), _condition()

    eight, many = (_at(net, Sampling(steps=k, guidance=1.0, strides=True), condition) for k in (8, 64))

    assert torch.equal(eight, many)


def test_what_is_known_does_not_move() -> None:
    net, condition = _net(strides=False), _condition()
    known = torch.zeros(1, BARS, CHANNELS, dtype=torch.bool)
    known[:, 1:3] = True

    velocity = still(velocity_under(net, condition, Sampling()), known)(
        torch.ones(1, BARS, CHANNELS), torch.tensor([0.5])
    )

    assert (velocity[known] == 0).all()
    assert (velocity[~known] != 0).all()


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
