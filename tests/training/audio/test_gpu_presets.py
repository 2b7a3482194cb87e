"""The sizes, widths and precision of the accelerator's presets: they fit into the bundle, and take a step."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from generators.audio.codec import AudioCodec
from generators.audio.vae import MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from generators.flow.eight_bits import in_eight_bits
from tests.training.audio.sound import Noise
from tests.training.audio.told import told_clips
from training.audio import codec, flow, vocoder
from training.presets import AUDIO_CODEC, AUDIO_FLOW, AUDIO_VOCODER, Preset

MINUTES, BESIDE = 25.0, 4.5  # for three stages, and of them for what they read and measure before and after
BUNDLE, JUDGES, LIMIT = Path("weights/tonereel-mini"), Path("weights/judges"), 60_000_000  # bytes
SHALLOW = {"depth": 1}


def _one_step(presets: dict[str, Preset]) -> Preset:
    preset = presets["gpu"]
    return replace(preset, steps=1, batch=2, device="cpu", compiled=False, sizes=preset.sizes | SHALLOW)


def test_the_three_stages_end_in_time() -> None:
    assert sum(stage["gpu"].minutes for stage in (AUDIO_CODEC, AUDIO_VOCODER, AUDIO_FLOW)) <= MINUTES - BESIDE


def test_what_they_make_fits_into_the_bundle() -> None:
    made = {"flow.safetensors", "vocoder.safetensors"}  # the codec is as large as that of the bundle
    weights = [path for folder in (BUNDLE, JUDGES) for path in folder.rglob("*") if path.is_file()]
    beside = sum(path.stat().st_size for path in weights if path.parent.name != "audio" or path.name not in made)
    vae, others = MelVaeConfig(), MelVaeConfig(**AUDIO_CODEC["gpu"].sizes)
    net = flow.new_net(vae.channels, clap_dim=128, preset=AUDIO_FLOW["gpu"])
    sound = Vocoder(VocoderConfig(**AUDIO_VOCODER["gpu"].sizes))

    assert others == vae
    assert beside + _bytes_of(net) + _bytes_of(sound) <= LIMIT
    assert sum(path.stat().st_size for path in weights) <= LIMIT


def _bytes_of(module: nn.Module) -> int:
    """As the bundle keeps it: matrices in eight bits, all else in halves, and a header of some kilobytes."""
    halves = {name: value.half() for name, value in module.state_dict().items()}
    return len(save(in_eight_bits(halves)))


def test_codec_and_vocoder_take_a_step_and_make_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in (codec, vocoder):
        monkeypatch.setattr(stage, "LATENTS", 12)
    codec.prepare(Noise(), tmp_path, _one_step(AUDIO_CODEC))
    vae = codec.train(Noise(), Noise(), tmp_path, _one_step(AUDIO_CODEC))
    trained = vocoder.train(vae, Noise(), Noise(), tmp_path / "vocoder", _one_step(AUDIO_VOCODER))

    made = AudioCodec(vae, trained.eval().requires_grad_(requires_grad=False))

    assert made.vocoder.config.width == AUDIO_VOCODER["gpu"].sizes["width"]
    assert np.isfinite(made.decode(np.zeros((8, made.channels), np.float32), 16_384).samples).all()


def test_the_flow_takes_a_step(tmp_path: Path) -> None:
    preset = _one_step(AUDIO_FLOW)
    clips = flow.ClipSampler(told_clips(2, frames=16), frames=16)
    net = flow.new_net(4, clap_dim=6, preset=preset)

    trained = flow.train(net, clips, clips, run=tmp_path, preset=preset)

    assert trained.config.width == preset.sizes["width"]
    assert all(bool(torch.isfinite(p).all()) for p in trained.parameters())
