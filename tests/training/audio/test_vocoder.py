"""Training of the vocoder: the truth costs nothing, steps help, and the codec's folder gets the result."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.audio.codec import AudioCodec
from generators.audio.mel import FLOOR, mel_filters
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Spectra, Vocoder, VocoderConfig
from generators.errors import BadWeights
from generators.flow.checkpoint import save_module
from tests.training.audio.recorded import music
from training.audio import vocoder as stage
from training.audio.draws import ClipSource, batch
from training.audio.vocoder import Truth, direction_losses, heard, level_losses, through, train, weighed
from training.loop import START
from training.manifest import sha256_of
from training.presets import AUDIO_VOCODER

PRESET = replace(AUDIO_VOCODER["tiny"], bfloat16=False)
CONFIG = VocoderConfig(**PRESET.sizes)
FILTERS = mel_filters(CONFIG.mel)


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "LATENTS", 12)


@pytest.fixture(scope="module")
def source() -> ClipSource:
    """Chords that ring out, over a little noise."""
    t = np.arange(131_072) / 44_100
    tones = [np.sin(2 * np.pi * f * t) * np.exp(-t % 0.5 * 3.0) for f in (110.0, 277.2, 660.3, 1500.7)]
    clip = 0.15 * np.stack([tones[0] + tones[1] + tones[3], tones[0] + tones[2]]) + 0.01 * music(3.0)[:131_072].T
    return ClipSource(np.round(np.clip(clip, -1, 1) * 32_767).astype(np.int16)[None])


@pytest.fixture(scope="module")
def vae() -> MelVae:
    torch.manual_seed(0)
    return MelVae(MelVaeConfig(channels=4, width=16, hidden=16, depth=1)).eval().requires_grad_(requires_grad=False)


def _truth(source: ClipSource) -> Truth:
    return heard(batch(source, 2, 32_768, np.random.default_rng(0)), CONFIG, FILTERS)


def _perfect(truth: Truth) -> Spectra:
    pair, p, a = truth.pair, CONFIG.phased, CONFIG.anchored
    k = torch.arange(p)
    now = pair[:, :, :p]
    turn = torch.zeros_like(now)
    turn[..., 1:] = now[..., 1:] * now[..., :-1].conj() * torch.exp(-0.5j * torch.pi * (k % 4))[:, None]
    told = (turn, -pair[:, :, 1 : p + 1] * now.conj(), now[:, 1] * now[:, 0].conj())
    anchor = now[:, 0, :a] * (1.0 - 2.0 * (k[:a] % 2))[:, None]
    unit = [x / (x.abs() + 1e-14) for x in (*told, anchor)]
    return Spectra(pair.abs().clamp(min=0.3 * FLOOR).log(), *unit)


def test_the_truth_costs_nothing(source: ClipSource) -> None:
    truth = _truth(source)
    told = _perfect(truth)

    losses = level_losses(told, truth, FILTERS) | direction_losses(told, truth)

    assert losses.keys() == stage.WEIGHTS.keys()
    assert all(float(value) < 0.02 for value in losses.values()), losses


@pytest.mark.parametrize("part", ["turn", "lean", "cross", "anchor"])
def test_the_wrong_way_costs_more_than_saying_nothing(source: ClipSource, part: str) -> None:
    truth = _truth(source)
    told = _perfect(truth)

    def cost(factor: float) -> float:
        changed = replace(told, **{part: factor * getattr(told, part)})
        return float(direction_losses(changed, truth)[part])

    assert cost(1.0) < cost(0.0) < cost(-1.0)


def test_steps_help_and_leave_weights_that_load(vae: MelVae, source: ClipSource, tmp_path: Path) -> None:
    vocoder = train(vae, source, source, tmp_path, PRESET)

    measured = json.loads((tmp_path / "metrics.json").read_text())
    truth = _truth(source)
    torch.manual_seed(PRESET.seed)
    before, now = (
        {**level_losses(v(truth.views), truth, FILTERS), **direction_losses(v(truth.views), truth)}
        for v in (Vocoder(CONFIG).requires_grad_(requires_grad=False), vocoder)
    )
    assert measured.keys() == {*stage.WEIGHTS, "all"}
    assert float(weighed(now)) < 0.97 * float(weighed(before))
    assert (tmp_path / "vocoder.safetensors").exists()


def test_training_goes_on_from_given_weights_and_their_sizes(vae: MelVae, source: ClipSource, tmp_path: Path) -> None:
    torch.manual_seed(1)
    known = Vocoder(replace(CONFIG, width=8))
    save_module(tmp_path / "known.safetensors", known, known.config)
    still = replace(PRESET, learning_rate=0.0)

    made = train(vae, source, source, tmp_path / "run", still, start=tmp_path / "known.safetensors")

    assert made.config == known.config
    for name, value in known.state_dict().items():
        assert torch.allclose(made.state_dict()[name], value, atol=1e-2), name
    assert (tmp_path / "run" / START).read_text() == sha256_of(tmp_path / "known.safetensors")


def test_weights_of_other_spectra_are_no_start(vae: MelVae, source: ClipSource, tmp_path: Path) -> None:
    other = Vocoder(replace(CONFIG, bands=64))
    save_module(tmp_path / "other.safetensors", other, other.config)

    with pytest.raises(BadWeights, match="does not fit"):
        train(vae, source, source, tmp_path / "run", PRESET, start=tmp_path / "other.safetensors")
    with pytest.raises(BadWeights, match="none"):
        train(vae, source, source, tmp_path / "run", PRESET, start=tmp_path / "none.safetensors")


def test_the_stage_puts_the_vocoder_beside_the_codec(vae: MelVae, source: ClipSource, tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    for split in ("train", "valid"):
        (pool / split).mkdir(parents=True)
        np.save(pool / split / "clips.npy", source.clips)
        (pool / split / "index.json").write_text('[{"piece": 0, "seed": 0, "start_s": 0.0}]')
    save_module(tmp_path / "codec" / "codec.safetensors", vae, vae.config)
    given = argparse.Namespace(
        preset="tiny", minutes=None, float32=True, rate=None, device=None, audio=None, pool=pool, start=None,
        codec=tmp_path / "codec", aligned=tmp_path / "none", run=tmp_path / "run",
    )  # fmt: skip

    stage.run(given)

    latents = np.zeros((5, 4), np.float32)
    assert AudioCodec.load(tmp_path / "codec").decode(latents, 5 * 2048).samples.shape == (2, 5 * 2048)


def test_views_through_the_codec_are_its_own(vae: MelVae, source: ClipSource) -> None:
    views = _truth(source).views

    assert torch.equal(through(vae, views), vae.decode(vae.encode(views)))
    assert len(through(vae, views[:0])) == 0
