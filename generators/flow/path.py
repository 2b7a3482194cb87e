"""The straight path between noise and data, and its time distribution."""

from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


@dataclass(frozen=True, slots=True)
class PathSample:
    """A point x_t [B ...] on the path, its time t [B] and the velocity dx/dt [B ...] to be predicted there."""

    x_t: Tensor
    t: Tensor
    velocity: Tensor


def straight(x_0: Tensor, x_1: Tensor, t: Tensor) -> PathSample:
    """x_t = (1 - t) x_0 + t x_1 with velocity x_1 - x_0 (Lipman et al. 2023; Liu et al. 2023)."""
    at = t.view(-1, *[1] * (x_0.dim() - 1))
    return PathSample((1 - at) * x_0 + at * x_1, t, x_1 - x_0)


def coupled(x_0: Tensor, x_1: Tensor) -> Tensor:
    """The noise x_0 [B ...], dealt out again so that a batch's paths are shortest in all: minibatch optimal transport.

    Crossing paths make velocities ambiguous (Tong et al. 2023; Pooladian et al. 2023).
    """
    cost = torch.cdist(x_0.flatten(1), x_1.flatten(1)).square()
    _, order = linear_sum_assignment(cost.T.cpu().numpy())  # for each datum its noise
    return x_0[torch.from_numpy(order)]


def logit_normal(n: int, *, generator: torch.Generator, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Times t [n] with logit(t) ~ N(mean, std): most training where the velocity is hardest (Esser et al. 2024)."""
    return torch.sigmoid(mean + std * torch.randn(n, generator=generator))
