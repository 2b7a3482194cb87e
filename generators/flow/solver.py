"""Fixed-step solvers: a velocity, a start and a time grid in; one state per step out."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import pairwise

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]  # (x_t [B ...], t [B]) -> dx/dt [B ...]
Solver = Callable[[Velocity, Tensor, Tensor], Iterator[Tensor]]  # (velocity, x_0, times [K + 1]) -> K states


def euler(velocity: Velocity, x_0: Tensor, times: Tensor) -> Iterator[Tensor]:
    """Order 1, one evaluation a step. Yields the state after each step, so that the caller can report or stop."""
    x = x_0
    for t, t_next in pairwise(times):
        x = x + (t_next - t) * velocity(x, t.expand(len(x)))
        yield x


def midpoint(velocity: Velocity, x_0: Tensor, times: Tensor) -> Iterator[Tensor]:
    """Order 2, two evaluations a step: the velocity at the middle, reached by half an Euler step."""
    x = x_0
    for t, t_next in pairwise(times):
        dt = t_next - t
        half = x + 0.5 * dt * velocity(x, t.expand(len(x)))
        x = x + dt * velocity(half, (t + 0.5 * dt).expand(len(x)))
        yield x


def heun(velocity: Velocity, x_0: Tensor, times: Tensor) -> Iterator[Tensor]:
    """Order 2, two evaluations a step: the mean of the velocities at both ends (Karras et al. 2022 use it for ODEs)."""
    x = x_0
    for t, t_next in pairwise(times):
        dt = t_next - t
        first = velocity(x, t.expand(len(x)))
        second = velocity(x + dt * first, t_next.expand(len(x)))
        x = x + 0.5 * dt * (first + second)
        yield x


class SolverName(StrEnum):
    """The solvers by name."""

    EULER = "euler"
    MIDPOINT = "midpoint"
    HEUN = "heun"


SOLVERS: dict[SolverName, Solver] = {SolverName.EULER: euler, SolverName.MIDPOINT: midpoint, SolverName.HEUN: heun}


def time_grid(steps: int, *, shift: float = 1.0) -> Tensor:
    """K + 1 times from 0 to 1; shift > 1 puts more steps near the noise: t' = t / (t + shift (1 - t)) (Esser 2024)."""
    t = torch.linspace(0.0, 1.0, steps + 1, dtype=torch.float64)
    return (t / (t + shift * (1.0 - t))).to(torch.float32)
