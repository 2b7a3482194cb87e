"""The change of variables: exact for every kind of prediction, and its Euler step is DDIM's."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from torch import Tensor

from generators.audio.published.schedule import NoiseSchedule, Prediction, Spacing
from generators.audio.published.velocity import Predict, off_path, onto_path, velocity_of
from generators.flow.path import straight
from generators.flow.solver import Solver, euler, midpoint

ALPHAS = np.asarray(np.cumprod(1.0 - np.linspace(0.0015**0.5, 0.0195**0.5, 1000) ** 2), np.float64)


def said(prediction: Prediction, z: Tensor, e: Tensor, a: Tensor) -> Tensor:
    """What a perfect net says of data and noise."""
    return {Prediction.NOISE: e, Prediction.DATA: z, Prediction.V: a.sqrt() * e - (1 - a).sqrt() * z}[prediction]


@pytest.mark.parametrize("prediction", list(Prediction))
@pytest.mark.parametrize("k", [0, 1, 500, 999])
def test_a_perfect_net_has_the_velocity_of_the_straight_path(prediction: Prediction, k: int) -> None:
    schedule = NoiseSchedule(ALPHAS, prediction)
    e, z = torch.randn(2, 3, 4, dtype=torch.float64), torch.randn(2, 3, 4, dtype=torch.float64)
    a = torch.tensor(ALPHAS[k])
    t = (a.sqrt() / (a.sqrt() + (1 - a).sqrt())).expand(2)
    seen: list[Tensor] = []

    def net(x: Tensor, at: Tensor) -> Tensor:
        seen.extend([x, at])
        return said(prediction, z, e, a)

    point = straight(e, z, t)
    velocity = velocity_of(net, schedule)(point.x_t, t)

    torch.testing.assert_close(velocity, point.velocity)
    torch.testing.assert_close(seen[0], a.sqrt() * z + (1 - a).sqrt() * e)
    torch.testing.assert_close(seen[1], torch.full((2,), float(k)))


def net(x: Tensor, k: Tensor) -> Tensor:
    """Any net will do."""
    return torch.sin(3.0 * x + 0.01 * k.view(-1, 1).to(x)) + 0.3 * x.flip(-1)


def ours(predict: Predict, schedule: NoiseSchedule, noise: Tensor, steps: int, *, solver: Solver = euler) -> Tensor:
    times = schedule.times(steps)
    *_, w = solver(velocity_of(predict, schedule), onto_path(noise, times[0]), times)
    return off_path(w, times[-1])


def theirs(predict: Predict, noise: Tensor, steps: int, **config: Any) -> Tensor:
    scheduler = DDIMScheduler(
        beta_schedule="scaled_linear", beta_start=0.0015, beta_end=0.0195, clip_sample=False, **config
    )
    scheduler.alphas_cumprod = torch.from_numpy(ALPHAS)  # in double precision, so that only the method is compared
    scheduler.final_alpha_cumprod = torch.tensor(1.0 if config["set_alpha_to_one"] else ALPHAS[0])
    scheduler.set_timesteps(steps)
    x = noise
    for k in scheduler.timesteps:
        x = scheduler.step(predict(x, k.expand(len(x))), k, x).prev_sample
    return x


@pytest.mark.parametrize("prediction", list(Prediction))
@pytest.mark.parametrize("spacing", [Spacing.LEADING, Spacing.TRAILING])
@pytest.mark.parametrize("clean", [True, False])
def test_euler_on_the_straight_path_is_ddim_to_rounding(prediction: Prediction, spacing: Spacing, clean: bool) -> None:
    noise = torch.randn(2, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    schedule = NoiseSchedule(ALPHAS, prediction, spacing, 1 if spacing is Spacing.LEADING else 0, clean)

    config = {"prediction_type": prediction.value, "timestep_spacing": spacing.value, "set_alpha_to_one": clean}
    expected = theirs(net, noise, 20, steps_offset=schedule.offset, **config)

    assert (expected - noise).abs().max() > 0.1
    torch.testing.assert_close(ours(net, schedule, noise, 20), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("prediction", list(Prediction))
def test_with_gaussian_data_it_comes_to_the_closed_form_at_the_order_of_its_solver(prediction: Prediction) -> None:
    std = 0.3

    def perfect(x: Tensor, k: Tensor) -> Tensor:
        a = torch.from_numpy(np.interp(k.numpy(), np.arange(1000.0), ALPHAS))[:, None]
        variance = a * std**2 + 1 - a
        return said(prediction, a.sqrt() * std**2 * x / variance, (1 - a).sqrt() * x / variance, a)

    noise = torch.ones(1, 1, dtype=torch.float64)
    schedule = NoiseSchedule(ALPHAS, prediction, Spacing.TRAILING)
    last = ALPHAS[-1]
    exact = std / math.sqrt(last * std**2 + 1 - last)
    errors = [abs(float(ours(perfect, schedule, noise, steps)) - exact) for steps in (125, 250)]
    second = abs(float(ours(perfect, schedule, noise, 125, solver=midpoint)) - exact)

    assert errors[1] < 0.05 * exact
    assert 1.5 < errors[0] / errors[1] < 2.2  # the last steps in t do not halve with the others
    assert second < 0.1 * errors[1]  # at as many evaluations


def test_onto_the_path_and_off_it_again_changes_nothing() -> None:
    x, t = torch.randn(2, 3), torch.tensor(0.3)
    torch.testing.assert_close(off_path(onto_path(x, t), t), x)
    torch.testing.assert_close(onto_path(x, torch.tensor(1.0)), x)
