"""The measurement of the audio codec, on a codec that has learned nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.audio_codec import decode_alone, decode_factor, reconstruction, told, vocoded
from generators.audio.codec import AudioCodec
from generators.audio.mel import log_mel
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig
from generators.flow.checkpoint import save_module


@pytest.fixture(scope="module")
def codec() -> AudioCodec:
    torch.manual_seed(0)
    vae = MelVae(MelVaeConfig(channels=4, width=16, hidden=16, depth=1)).eval().requires_grad_(requires_grad=False)
    vocoder = Vocoder(VocoderConfig(width=16, hidden=16, depth=1, shaped=64, phased=64, anchored=8)).eval()
    return AudioCodec(vae, vocoder.requires_grad_(requires_grad=False))


def _clip(samples: int = 24_576) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    t = np.arange(samples) / 44_100
    return (0.2 * np.stack([np.sin(2 * np.pi * f * t) for f in (80.0, 440.0)])).astype(np.float32)


def test_the_original_is_perfect_and_a_codec_without_training_is_not_ahead(codec: AudioCodec) -> None:
    rows, ahead = reconstruction(codec, [_clip()])

    by_name = {str(row[0]): row[1:3] for row in rows}
    assert by_name["the original"] == [0.0, 99.0]
    assert len(rows) == 6
    assert float(str(by_name["codec and vocoder"][0])) > float(str(by_name["vocoder on the true mel"][0])) > 0.0
    assert float(str(by_name["the same, and the low wave, 16 numbers a latent"][1])) > 10.0
    assert not ahead[1]


def test_the_vocoder_makes_a_hop_of_sound_for_every_frame(codec: AudioCodec) -> None:
    assert vocoded(codec, log_mel(torch.from_numpy(_clip()), codec.vae.config.mel)).shape == (2, 24_576)


def test_the_text_says_which_bars_are_met(codec: AudioCodec) -> None:
    rows, _ = reconstruction(codec, [_clip()])

    good, bad = (
        told(rows, (met, met), 1, speed, {60.0: peak_mb})
        for met, speed, peak_mb in ((True, 30.0, 500.0), (False, 10.0, 2500.0))
    )

    assert "**not met**" not in good
    assert bad.count("**not met**") == 4
    assert "| codec and vocoder |" in good


def test_speed_and_memory_are_of_the_stream(codec: AudioCodec, tmp_path: Path) -> None:
    save_module(tmp_path / "codec.safetensors", codec.vae, codec.vae.config)
    save_module(tmp_path / "vocoder.safetensors", codec.vocoder, codec.vocoder.config)

    assert decode_factor(codec, 1.0, 1) > 0.0
    assert 50.0 < decode_alone(tmp_path, 1.0) < 8000.0
