"""Classifier-free guidance as a velocity made of two velocities, both from one call of the net."""

import torch
from torch import Tensor

from generators.flow.solver import Velocity


def guide(both: Velocity, scale: float) -> Velocity:
    """v = v_free + scale (v_given - v_free) (Ho and Salimans 2022; Zheng et al. 2023 for flows).

    `both` takes a doubled batch [2B ...] and answers with its condition in the first half and without it in the
    second: one call of twice the size costs less than two calls.
    """

    def guided(x_t: Tensor, t: Tensor) -> Tensor:
        given, free = both(torch.cat([x_t, x_t]), torch.cat([t, t])).chunk(2)
        return free + scale * (given - free)

    return guided
