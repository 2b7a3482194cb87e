"""The flow head learns a distribution that its condition chooses."""

import torch

from generators.flow.head import FlowHead, FlowHeadConfig
from generators.flow.path import straight
from generators.flow.solver import euler, time_grid


def test_a_trained_head_carries_noise_to_the_point_that_the_condition_names() -> None:
    torch.manual_seed(0)
    head = FlowHead(FlowHeadConfig(channels=2, condition=1, width=32, depth=2))
    optimiser = torch.optim.Adam(head.parameters(), lr=3e-3)
    for _ in range(300):
        side = torch.randint(0, 2, (128, 1)).float() * 2 - 1
        target = torch.cat([side, -side], dim=1)
        sample = straight(torch.randn(128, 2), target, torch.rand(128))
        loss = (head(sample.x_t, sample.t, side) - sample.velocity).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    with torch.no_grad():
        *_, x_1 = euler(lambda x, t: head(x, t, torch.ones(64, 1)), torch.randn(64, 2), time_grid(20))

    assert torch.allclose(x_1.mean(0), torch.tensor([1.0, -1.0]), atol=0.15)
