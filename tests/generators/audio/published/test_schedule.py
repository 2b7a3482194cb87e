"""The noise schedule: the numbers and the steps of diffusers' DDIM, and what no flow can follow is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from generators.audio.published.schedule import CONFIG, NoiseSchedule, Spacing, read_schedule
from generators.errors import BadWeights, InvalidPlan

FLOW = {"clip_sample": False}
LATENT = {"beta_schedule": "scaled_linear", "beta_start": 0.0015, "beta_end": 0.0195}


def written(folder: Path, **config: Any) -> Path:
    (folder / CONFIG).write_text(json.dumps({**FLOW, **config}))
    return folder


@pytest.mark.parametrize(
    "config",
    [
        {},
        LATENT,
        {**LATENT, "num_train_timesteps": 300},
        {"beta_schedule": "squaredcos_cap_v2"},
        {"trained_betas": [0.1, 0.2, 0.3]},
        {**LATENT, "rescale_betas_zero_snr": True, "prediction_type": "v_prediction"},
    ],
)
def test_its_alphas_are_those_of_the_library(tmp_path: Path, config: dict[str, Any]) -> None:
    schedule = read_schedule(written(tmp_path, **config))

    theirs = DDIMScheduler(**FLOW, **config).alphas_cumprod.numpy()
    np.testing.assert_allclose(schedule.alphas, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("steps", [1, 7, 10, 50, 1000])
@pytest.mark.parametrize("spacing", list(Spacing))
@pytest.mark.parametrize("offset", [0, 1])
def test_its_times_stand_for_the_steps_of_the_library(
    tmp_path: Path, steps: int, spacing: Spacing, offset: int
) -> None:
    config = {**LATENT, "timestep_spacing": spacing.value, "steps_offset": offset}
    schedule = read_schedule(written(tmp_path, **config))
    theirs = DDIMScheduler(**FLOW, **config)
    theirs.set_timesteps(steps)

    k = schedule.timestep(schedule.times(steps)[:-1])

    torch.testing.assert_close(k, theirs.timesteps.float().clamp(max=999.0), rtol=0, atol=1e-3)


@pytest.mark.parametrize("clean", [True, False])
def test_times_rise_to_the_data_or_to_the_least_noise_that_was_trained_on(tmp_path: Path, clean: bool) -> None:
    schedule = read_schedule(written(tmp_path, **LATENT, set_alpha_to_one=clean, steps_offset=1))
    times = schedule.times(20)

    assert bool((times.diff() > 0).all())
    least = np.sqrt(schedule.alphas[0]) / (np.sqrt(schedule.alphas[0]) + np.sqrt(1 - schedule.alphas[0]))
    assert float(times[-1]) == pytest.approx(1.0 if clean else least)


def test_between_two_steps_the_nets_time_lies_between_theirs() -> None:
    schedule = NoiseSchedule(np.array([0.9, 0.5, 0.1]))
    first, second = schedule.times(3)[:2]
    k = schedule.timestep(torch.stack([first, 0.75 * first + 0.25 * second, second, torch.tensor(1.0).double()]))

    torch.testing.assert_close(k, torch.tensor([2.0, 1.75, 1.0, 0.0]))


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_more_steps_than_there_are_cannot_be_asked_for(tmp_path: Path, steps: int) -> None:
    with pytest.raises(InvalidPlan, match="1 to 1000"):
        read_schedule(written(tmp_path)).times(steps)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"clip_sample": True}, "clip_sample"),
        ({"thresholding": True}, "thresholding"),
        ({"rescale_betas_zero_snr": True}, "needs v"),
        ({"beta_schedule": "sigmoid"}, "sigmoid"),
        ({"prediction_type": "flow"}, "flow"),
        ({"timestep_spacing": "log"}, "log"),
        ({"beta_end": 1.5}, "outside 0 to 1"),
        ({"trained_betas": []}, "outside 0 to 1"),
        ({"num_train_timesteps": "many"}, "many"),
    ],
)
def test_what_no_flow_can_follow_is_refused(tmp_path: Path, config: dict[str, Any], words: str) -> None:
    with pytest.raises(BadWeights, match=words):
        read_schedule(written(tmp_path, **config))


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_a_broken_config_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(BadWeights, match="not describe"):
        read_schedule(tmp_path)


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match=CONFIG):
        read_schedule(tmp_path)
