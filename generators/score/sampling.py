"""How the score flow is solved: settings, and the velocities that its net gives under a condition."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import torch
from torch import Tensor

from generators.flow.dit import DiT
from generators.flow.guidance import guide
from generators.flow.solver import SolverName, Velocity
from generators.score.conditioning import Conditioning

SHORTEST_STRIDE = 1 / 8  # that nets are taught

VelocityOf = Callable[[Conditioning], Velocity]


class Told(Protocol):
    """What a net is told, of either engine: its inputs `local`, `embedding` and `valid`, and the same set free."""

    @property
    def local(self) -> Tensor:
        """[B T L]."""

    @property
    def embedding(self) -> Tensor:
        """[B T D + 1]."""

    @property
    def valid(self) -> Tensor:
        """Bool [B T]."""

    def freed(self) -> Self:
        """The same without what guidance moves away from."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the flow is solved.

    `temperature` scales the noise x_0 (Kingma and Dhariwal, "Glow", 2018, section 6): at 1 melodies leap and bars recur
    half as often as in real music; at 0.75 both lie where real music has them. `strides` asks a net that was distilled
    for its mean velocity over each step, into which guidance is folded.
    """

    steps: int = 8
    solver: SolverName = SolverName.MIDPOINT
    guidance: float = 3.0
    shift: float = 1.0
    temperature: float = 0.75
    strides: bool = False


def sampling_for(net: DiT, *, steps: int | None = None) -> Sampling:
    """The settings that a net was made for: a distilled one strides."""
    if net.config.strides:
        return Sampling(steps or 4, SolverName.EULER, guidance=1.0, strides=True)
    return Sampling(steps or 8)


def velocity_under(net: DiT, condition: Told, sampling: Sampling) -> Velocity:
    """The net under a condition; with guidance, beside the net without it."""
    sides = [condition] if sampling.guidance == 1.0 else [condition, condition.freed()]
    local = torch.cat([side.local for side in sides])
    embedding = torch.cat([side.embedding for side in sides])
    valid = torch.cat([side.valid for side in sides])
    span = local.new_tensor(max(1.0 / sampling.steps, SHORTEST_STRIDE)) if sampling.strides else None

    def velocity(x_t: Tensor, t: Tensor) -> Tensor:
        out: Tensor = net(x_t, t, local, embedding, valid, None if span is None else span.expand(len(t)))
        return out

    return velocity if sampling.guidance == 1.0 else guide(velocity, sampling.guidance)


def rolled(velocity_of: VelocityOf, condition: Conditioning, *, seed: int) -> Velocity:
    """A velocity that turns the piece by another number of bars at each evaluation, so that no bar is ever the seam.

    The same idea as circular padding in panorama diffusion: the seam is made in the latents, not by a crossfade.
    """
    bars = condition.controls.shape[1]
    rng = np.random.default_rng(seed)

    def velocity(x_t: Tensor, t: Tensor) -> Tensor:
        turn = int(rng.integers(bars))
        index = (torch.arange(bars) + turn) % bars
        turned = condition.at(index, given=condition.given[:, index], groups=condition.given_groups[:, index])
        return velocity_of(turned)(x_t[:, index], t).roll(turn, dims=1)

    return velocity


def still(velocity: Velocity, known: Tensor) -> Velocity:
    """The same velocity, zero where the latents are known."""
    return lambda x_t, t: velocity(x_t, t).masked_fill(known, 0.0)
