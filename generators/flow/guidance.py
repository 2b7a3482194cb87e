"""Classifier-free guidance as a velocity made of two velocities."""

from torch import Tensor

from generators.flow.solver import Velocity


def guide(conditional: Velocity, unconditional: Velocity, scale: float) -> Velocity:
    """v = v_u + scale (v_c - v_u) (Ho and Salimans 2022; Zheng et al. 2023 for flows); scale 1 is one evaluation."""
    if scale == 1.0:
        return conditional

    def guided(x_t: Tensor, t: Tensor) -> Tensor:
        free = unconditional(x_t, t)
        return free + scale * (conditional(x_t, t) - free)

    return guided
