"""A diffusion net's prediction as the velocity of a straight path: the exact change of variables.

A variance-preserving net is given x = sqrt(a) z + sqrt(1 - a) e (z data, e noise) and a step k. On the straight path
w = (1 - t) e + t z stands at t = sqrt(a) / (sqrt(a) + sqrt(1 - a)), where x = w / c and c = hypot(t, 1 - t), so that
sqrt(a) = t / c and sqrt(1 - a) = (1 - t) / c. What the net says determines both z and e, and the velocity is z - e:

    it predicts   then z - e is
    noise e       (w - e) / t
    data z        (z - w) / (1 - t)
    v = sqrt(a) e - sqrt(1 - a) z  (Salimans and Ho 2022):  ((2 t - 1) w / c - v) / c

DDIM keeps z and e for the length of a step (Song et al. 2021, eq. 12), and w is linear in t for constant z and e:
hence its step is Euler's step on this path, without any error of its own. In the variables of Song et al. (eq. 14),
x / sqrt(a) over sqrt((1 - a) / a), the same holds; see also Kingma and Gao 2023 and Gao et al. 2024.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from generators.audio.published.schedule import NoiseSchedule, Prediction
from generators.flow.solver import Velocity

Predict = Callable[[Tensor, Tensor], Tensor]  # (x [B ...], step k [B]) -> what the net was trained to say [B ...]


def velocity_of(predict: Predict, schedule: NoiseSchedule) -> Velocity:
    """The velocity z - e at w [B ...] and t [B], 0 <= t <= 1, of a net that predicts as its schedule says."""

    def velocity(w: Tensor, t: Tensor) -> Tensor:
        at = t.view(-1, *[1] * (w.dim() - 1)).to(w)
        c = torch.hypot(at, 1.0 - at)
        said = predict(w / c, schedule.timestep(t))
        if schedule.prediction is Prediction.NOISE:
            return (w - said) / at
        if schedule.prediction is Prediction.DATA:
            return (said - w) / (1.0 - at)
        return ((2.0 * at - 1.0) * w / c - said) / c

    return velocity


def onto_path(x: Tensor, t: Tensor) -> Tensor:
    """What is x on the net's own scale is c x on the straight path at the time t (one number)."""
    return x * torch.hypot(t, 1.0 - t).to(x)


def off_path(w: Tensor, t: Tensor) -> Tensor:
    """The inverse of `onto_path`."""
    return w / torch.hypot(t, 1.0 - t).to(w)
