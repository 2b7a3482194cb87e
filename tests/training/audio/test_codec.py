"""Training of the mel VAE: it learns, whitens, and leaves a folder that loads."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.audio.codec import AudioCodec
from generators.audio.mel import log_mel
from generators.audio.vae import MelVae, MelVaeConfig
from tests.training.audio.recorded import music
from training.audio import codec as stage
from training.audio.codec import begin_from, error, fit, fit_weights, mel_loss, prepare, train
from training.audio.draws import ClipSource, batch
from training.loop import START
from training.manifest import sha256_of
from training.presets import AUDIO_CODEC

PRESET = replace(AUDIO_CODEC["tiny"], bfloat16=False, learning_rate=3e-3)


@pytest.fixture(scope="module")
def source() -> ClipSource:
    """Chords that are struck again and again and ring out, each voice in its own place."""
    t = np.arange(131_072) / 44_100
    clips = []
    for n, beat_s in enumerate((0.25, 0.4)):
        voices = [np.sin(2 * np.pi * hz * (1 + n) * t) * np.exp(-t % beat_s * 12.0) for hz in (110.0, 277.2, 660.3)]
        clips.append(0.2 * np.stack([voices[0] + voices[1], voices[0] + voices[2]]) + 0.01 * music(3.0)[:131_072].T)
    return ClipSource(np.round(np.clip(np.stack(clips), -1, 1) * 32_767).astype(np.int16))


@pytest.fixture(scope="module")
def runs(source: ClipSource, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of a codec that is fitted only, and of the same after training."""
    fitted, trained = (tmp_path_factory.mktemp(name) for name in ("fitted", "trained"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "LATENTS", 12)
        prepare(source, fitted, PRESET)
        shutil.copytree(fitted, trained, dirs_exist_ok=True)
        train(source, source, trained, PRESET)
    return fitted, trained


def _drawn(source: ClipSource, vae: MelVae, *, seed: int) -> torch.Tensor:
    return log_mel(batch(source, 8, 12 * 2048, np.random.default_rng(seed)), vae.config.mel)


def test_training_helps_and_leaves_latents_as_they_were(runs: tuple[Path, Path], source: ClipSource) -> None:
    before, after = (AudioCodec.load(folder).vae for folder in runs)
    views = _drawn(source, before, seed=5)

    errors = [sum(error(vae, source, stretches=4, seed=1).values()) for vae in (before, after)]

    assert torch.equal(before.whiten(before.encode(views)), after.whiten(after.encode(views)))
    assert errors[1] < errors[0]
    assert json.loads((runs[1] / "metrics.json").read_text()).keys() == {"middle_db", "side_db", "balance_db"}


def test_a_run_that_begins_from_weights_keeps_their_latents_and_remembers_them(
    runs: tuple[Path, Path], source: ClipSource, tmp_path: Path
) -> None:
    start = runs[1] / "codec.safetensors"

    begin_from(start, tmp_path)

    before, after = (AudioCodec.load(folder).vae for folder in (runs[1], tmp_path))
    views = _drawn(source, before, seed=5)
    assert torch.equal(before.whiten(before.encode(views)), after.whiten(after.encode(views)))
    assert torch.equal(before.decode(before.encode(views)), after.decode(after.encode(views)))
    assert (tmp_path / START).read_text() == sha256_of(start)
    assert (tmp_path / stage.READY).exists()


def test_a_fitted_folder_says_that_latents_are_final(runs: tuple[Path, Path]) -> None:
    assert (runs[0] / stage.READY).stat().st_mtime >= (runs[0] / "codec.safetensors").stat().st_mtime


def test_latents_of_what_was_drawn_are_white_and_independent(
    source: ClipSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "LATENTS", 12)
    vae = MelVae(MelVaeConfig(**PRESET.sizes)).eval().requires_grad_(requires_grad=False)

    fit(vae, source, stretches=8, seed=4)

    white = vae.whiten(vae.encode(_drawn(source, vae, seed=4))).transpose(0, 1).flatten(1)
    assert torch.allclose(white.mean(1), torch.zeros(8), atol=2e-2)
    assert torch.allclose(torch.cov(white), torch.eye(8), atol=3e-2)


def test_more_channels_leave_less_behind(source: ClipSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "LATENTS", 12)
    left = []
    for channels in (2, 8, 24):
        vae = MelVae(MelVaeConfig(channels=channels, width=16, hidden=16, depth=1)).requires_grad_(requires_grad=False)
        fit(vae, source, stretches=48, seed=4)
        views = _drawn(source, vae, seed=4)
        off = (vae.decode(vae.encode(views)) - views) / vae.spread * fit_weights(vae.config.mel)[..., None]
        left.append(float(off.square().mean()))

    assert left[0] > left[1] > left[2]


def test_the_loss_is_the_distance_in_nepers_and_blind_to_nothing() -> None:
    true = torch.zeros(1, 3, 8, 4)
    level, change = mel_loss(true + 1.0, true)
    edge = true.clone()
    edge[..., 2] += 1.0

    assert float(level) == pytest.approx((1.2 + 1.0 + 0.6) / 3, rel=1e-5)
    assert float(change) == pytest.approx(0.0)
    assert float(mel_loss(edge, true)[1]) > 0.0


def test_bands_that_tell_notes_apart_count_most_and_the_balance_is_no_such_view() -> None:
    weights = fit_weights(MelVaeConfig().mel)

    middle, _, balance = weights
    assert middle.max() == pytest.approx(2.5 * middle.min())
    assert middle[20] > middle[100]
    assert balance.unique().numel() == 1
