"""Every stage keeps what it works with on its device: two steps each on an accelerator that is not there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.flow.checkpoint import load_module, save_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.parts import files_of, load_tensors
from tests.training.accelerator import accelerator, came_home
from tests.training.audio.sound import Noise
from tests.training.audio.told import told_clips
from training.audio import adapt, codec, distill, flow, vocoder
from training.distil import student_of
from training.presets import AUDIO_CODEC, AUDIO_DISTIL, AUDIO_FLOW, AUDIO_VOCODER, Preset
from training.state import FILES

pytestmark = pytest.mark.filterwarnings("ignore:for .*no-op")  # said of the device's stand-in, wrongly


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for stage in (codec, flow, vocoder):
        monkeypatch.setattr(stage, "workers_for", lambda _: 0)
    for stage in (codec, vocoder):
        monkeypatch.setattr(stage, "LATENTS", 12)
    for stage in (flow, distill):
        monkeypatch.setattr(stage, "EVALUATE_EVERY", 2)
    with accelerator(monkeypatch) as name:
        yield name


def _two_steps(presets: dict[str, Preset], device: str) -> Preset:
    return replace(presets["tiny"], steps=2, batch=4, device=device, bfloat16=False)


def test_a_tensor_of_the_processor_is_not_let_in(device: str) -> None:
    with pytest.raises(RuntimeError, match="same device"):
        torch.ones(2).to(device) + torch.ones(2)


def test_codec_and_vocoder(device: str, tmp_path: Path) -> None:
    codec.prepare(Noise(), tmp_path, _two_steps(AUDIO_CODEC, device))
    vae = codec.train(Noise(), Noise(), tmp_path, _two_steps(AUDIO_CODEC, device))
    assert came_home(vae)

    vocoder_run = tmp_path / "vocoder"
    assert came_home(vocoder.train(vae, Noise(), Noise(), vocoder_run, _two_steps(AUDIO_VOCODER, device)))
    for run in (tmp_path, vocoder_run):
        assert all(np.isfinite(list(json.loads((run / "metrics.json").read_text()).values())))


def test_the_flow_and_what_it_goes_on_from(device: str, tmp_path: Path) -> None:
    clips = flow.ClipSampler(told_clips(4, frames=16), frames=16)
    preset = _two_steps(AUDIO_FLOW, device)
    net = flow.new_net(4, clap_dim=6, preset=preset)
    flow.fit_guess(net, clips, batches=1, size=2)

    flow.train(net, clips, clips, run=tmp_path, preset=preset)
    again = flow.train(net, clips, clips, run=tmp_path, preset=replace(preset, steps=3))

    assert came_home(again)
    assert [load_tensors(tmp_path / name)[1]["step"] for name in FILES if files_of(tmp_path / name)] == ["3"]


def test_additions(device: str, tmp_path: Path) -> None:
    clips = flow.ClipSampler(told_clips(4, frames=16), frames=16)
    preset = _two_steps(AUDIO_FLOW, device)
    base = tmp_path / "base.safetensors"
    net = flow.new_net(4, clap_dim=6, preset=preset)
    for p in net.parameters():  # blocks begin with nothing to say, and additions to them with nothing to learn
        torch.nn.init.normal_(p, std=0.08)
    save_module(base, net, net.config)

    made = adapt.adapt(base, (clips, clips), run=tmp_path / "lora", preset=preset, rank=2)

    assert came_home(made)
    was = load_module(base, DiT, DiTConfig).state_dict()
    assert any(not torch.equal(value, was[name]) for name, value in made.state_dict().items())


def test_distillation(device: str, tmp_path: Path) -> None:
    clips = flow.ClipSampler(told_clips(4, frames=16), frames=16)
    preset = _two_steps(AUDIO_DISTIL, device)
    teacher = flow.new_net(4, clap_dim=6, preset=_two_steps(AUDIO_FLOW, device)).eval()
    (held_out,) = distill.trajectories(teacher, clips, tmp_path / "valid", count=1, size=2, device=device)
    (read,) = distill.trajectories(teacher, clips, tmp_path / "valid", count=1, size=2, device=device)

    student = distill.train(student_of(teacher), [read], held_out, (clips, clips), run=tmp_path, preset=preset)

    assert came_home(student)
    assert torch.equal(read.states.cpu(), held_out.states.cpu())
