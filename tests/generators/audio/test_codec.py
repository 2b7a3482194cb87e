"""Laws of the audio codec: lengths, blocks without a seam, and what it refuses."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.audio import codec as codec_module
from generators.audio.codec import AudioCodec
from generators.audio.tuning import BINS
from generators.audio.vae import MelVae
from generators.audio.vocoder import Vocoder
from generators.errors import BadWeights, InvalidAudio
from generators.flow.checkpoint import save_module
from generators.waveform import Waveform

HOP, RATE = 2048, 44_100


def _noise(samples: int, channels: int = 2) -> Waveform:
    rng = np.random.default_rng(samples)
    return Waveform((0.1 * rng.standard_normal((channels, samples))).astype(np.float32), RATE)


def _latents(codec: AudioCodec, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(count).standard_normal((count, codec.channels)).astype(np.float32)


@settings(max_examples=12)
@given(samples=st.integers(HOP, 12 * HOP))
def test_any_length_comes_back_to_the_sample(codec: AudioCodec, samples: int) -> None:
    latents = codec.encode(_noise(samples))

    assert latents.shape == (-(-samples // HOP), codec.channels)
    assert latents.dtype == np.float32
    sound = codec.decode(latents, samples)
    assert sound.samples.shape == (2, samples)
    assert sound.samples.dtype == np.float32
    assert sound.sample_rate == codec.sample_rate == RATE


@pytest.mark.parametrize("block", [5, 16, 33])
def test_blocks_leave_no_seam(codec: AudioCodec, block: int) -> None:
    latents = _latents(codec, 70)

    tuning = np.full((280, BINS), 0.5j, np.complex64) * np.linspace(0.0, 1.0, 280, dtype=np.float32)[:, None]

    whole = codec.decode(latents, 70 * HOP, tuning).samples
    joined = np.concatenate(list(codec.decode_stream(latents, 70 * HOP, tuning=tuning, block=block)), axis=1)

    assert np.abs(whole).max() > 1e-4
    assert np.allclose(joined, whole, atol=1e-3 * float(np.abs(whole).max()))


def test_a_tuning_that_knows_nothing_changes_nothing(codec: AudioCodec) -> None:
    latents = _latents(codec, 20)

    plain, knowing, ignorant = (
        codec.decode(latents, 20 * HOP, tuning).samples
        for tuning in (None, np.full((80, BINS), 0.9j, np.complex64), np.zeros((80, BINS), np.complex64))
    )

    assert np.array_equal(plain, ignorant)
    assert not np.allclose(plain, knowing, atol=1e-3 * float(np.abs(plain).max()))


def test_encoding_in_blocks_is_encoding_at_once(codec: AudioCodec, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = _noise(50 * HOP + 7)
    whole = codec.encode(sound)
    monkeypatch.setattr(codec_module, "BLOCK", 9)

    assert np.allclose(codec.encode(sound), whole, atol=1e-4)


def test_the_stream_gives_what_is_ready_before_the_last_block(codec: AudioCodec) -> None:
    stream = codec.decode_stream(_latents(codec, 60), 60 * HOP, block=20)

    first = next(stream)

    assert 0 < first.shape[1] <= 20 * HOP
    assert first.shape[1] + sum(piece.shape[1] for piece in stream) == 60 * HOP


def test_latents_are_whitened_by_the_statistics_of_the_codec(codec: AudioCodec) -> None:
    vae = MelVae(codec.vae.config).eval()
    vae.load_state_dict(codec.vae.state_dict())
    vae.latent_mean.zero_()
    vae.latent_std.fill_(1.0)
    sound = _noise(10 * HOP)

    plain = AudioCodec(vae, codec.vocoder).encode(sound)

    expected = (plain - codec.vae.latent_mean.numpy()) / codec.vae.latent_std.numpy()
    assert np.allclose(codec.encode(sound), expected, atol=1e-5)


def test_mono_is_the_middle(codec: AudioCodec) -> None:
    mono = _noise(4 * HOP, channels=1)
    both = Waveform(np.repeat(mono.samples, 2, axis=0), RATE)

    assert np.array_equal(codec.encode(mono), codec.encode(both))


def test_a_saved_codec_comes_back(codec: AudioCodec, tmp_path: Path) -> None:
    save_module(tmp_path / "codec.safetensors", codec.vae, codec.vae.config, half=False)
    save_module(tmp_path / "vocoder.safetensors", codec.vocoder, codec.vocoder.config, half=False)
    latents = _latents(codec, 6)

    back = AudioCodec.load(tmp_path)

    assert np.array_equal(back.decode(latents, 6 * HOP).samples, codec.decode(latents, 6 * HOP).samples)


@pytest.mark.parametrize("file", ["codec.safetensors", "vocoder.safetensors"])
def test_another_version_is_refused(codec: AudioCodec, tmp_path: Path, file: str) -> None:
    vae, vocoder = codec.vae.config, codec.vocoder.config
    if file.startswith("codec"):
        vae = dataclasses.replace(vae, version=99)
    else:
        vocoder = dataclasses.replace(vocoder, version=99)
    save_module(tmp_path / "codec.safetensors", codec.vae, vae)
    save_module(tmp_path / "vocoder.safetensors", codec.vocoder, vocoder)

    with pytest.raises(BadWeights, match=f"{file} is of version 99"):
        AudioCodec.load(tmp_path)


def test_parts_of_two_codecs_do_not_go_together(codec: AudioCodec) -> None:
    other = dataclasses.replace(codec.vocoder.config, bands=64)

    with pytest.raises(BadWeights, match="different spectra"):
        AudioCodec(codec.vae, Vocoder(other))


@pytest.mark.parametrize(
    ("sound", "fault"),
    [
        (Waveform(np.zeros((2, 9000), np.float32), 48_000), "48000 Hz"),
        (Waveform(np.zeros((2, HOP - 1), np.float32), RATE), "too short"),
        (Waveform(np.zeros((2, 0), np.float32), RATE), "empty"),
        (Waveform(np.zeros((6, 9000), np.float32), RATE), "not stereo"),
        (Waveform(np.full((2, 9000), np.nan, np.float32), RATE), "not numbers"),
    ],
)
def test_sound_that_cannot_be_encoded_is_named(codec: AudioCodec, sound: Waveform, fault: str) -> None:
    with pytest.raises(InvalidAudio, match=fault):
        codec.encode(sound)


def test_latents_that_cannot_be_decoded_are_named(codec: AudioCodec) -> None:
    latents = _latents(codec, 3)

    with pytest.raises(InvalidAudio, match=r"not \[T 8\]"):
        codec.decode(latents[:, :5], HOP)
    with pytest.raises(InvalidAudio, match="1 to 6144 samples, not 6145"):
        codec.decode(latents, 3 * HOP + 1)
    with pytest.raises(InvalidAudio, match="not 0"):
        codec.decode(latents, 0)
    with pytest.raises(InvalidAudio, match="not numbers"):
        codec.decode(np.full_like(latents, np.inf), HOP)
    with pytest.raises(InvalidAudio, match="for 11 spectra, the latents make 12"):
        codec.decode(latents, HOP, np.zeros((11, BINS), np.complex64))


def test_the_same_latents_give_the_same_bytes(codec: AudioCodec) -> None:
    latents = _latents(codec, 12)

    first, second = (codec.decode(latents, 12 * HOP).samples for _ in range(2))

    assert torch.equal(torch.from_numpy(first), torch.from_numpy(second))
