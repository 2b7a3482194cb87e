"""Laws of the audio flow's distillation: the given stays along the way, and a student follows its guided teacher."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.audio.conditions import Conditions, local_width
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from tests.training.audio.told import CHANNELS, DIM, told_clips
from training.audio.distill import train, trajectories
from training.audio.flow import ClipSampler
from training.distil import STATES, Trajectories, endpoint_error, student_of
from training.presets import AUDIO_DISTIL


@pytest.fixture(scope="module")
def sampler() -> ClipSampler:
    """Of silence: what a random teacher plays is nearer to it than to any music."""
    return ClipSampler([replace(clip, sound=0 * clip.sound) for clip in told_clips()], frames=16)


@pytest.fixture(scope="module")
def teacher() -> DiT:
    torch.manual_seed(3)
    net = DiT(DiTConfig(CHANNELS, local_width(CHANNELS), DIM + 1, 16, 2, 2, shared=True, reach=3)).eval()
    for p in net.parameters():
        torch.nn.init.normal_(p, std=0.08)
    return net.requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def taught(teacher: DiT, sampler: ClipSampler, tmp_path_factory: pytest.TempPathFactory) -> Trajectories[Conditions]:
    return trajectories(teacher, sampler, tmp_path_factory.mktemp("way"), count=1, size=16)[0]


def test_what_stays_is_the_same_all_along(taught: Trajectories[Conditions]) -> None:
    moved = taught.states[0] != taught.states[-1]

    assert taught.states.shape[0] == STATES + 1
    assert not moved[~taught.asked].any()
    assert moved[taught.asked].float().mean() > 0.99


def test_trajectories_on_disk_are_read_again(teacher: DiT, sampler: ClipSampler, tmp_path: Path) -> None:
    first = trajectories(teacher, sampler, tmp_path, count=1, size=4)[0]
    written = (tmp_path / "0000.pt").stat().st_mtime_ns

    again = trajectories(teacher, sampler, tmp_path, count=1, size=4)[0]

    assert (tmp_path / "0000.pt").stat().st_mtime_ns == written
    assert torch.equal(first.states, again.states)
    assert torch.equal(first.condition.local, again.condition.local)


def test_a_trained_student_ends_nearer_to_its_teacher(
    teacher: DiT, sampler: ClipSampler, taught: Trajectories[Conditions], tmp_path: Path
) -> None:
    before = endpoint_error(student_of(teacher), taught, 1)

    student = train(
        student_of(teacher),
        [taught],
        taught,
        (sampler, sampler),
        run=tmp_path,
        preset=AUDIO_DISTIL["tiny"].limited(None, float32=True),
    )

    assert endpoint_error(student, taught, 1) < before
    assert load_module(tmp_path / "flow.safetensors", DiT, DiTConfig).config.strides
    assert np.isfinite(endpoint_error(student, taught, 4))
