"""Laws of what is kept of a recording: it stays as it is, a walk goes on from it and comes back to it."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.reconstruction import low_band_si_sdr
from generators.audio.codec import AudioCodec
from generators.audio.inverse import agreed
from generators.audio.kept import LOW_BINS, PER_LATENT, Frames, LowWave, Recording
from generators.audio.mel import FLOOR, MelConfig, left_right, mid_side, spectrum
from generators.audio.phase import APPROACH, PhaseWalk
from generators.audio.vocoder import Spectra, VocoderConfig
from generators.errors import InvalidAudio
from generators.waveform import Waveform

MEL = MelConfig()
LATENT = 4 * MEL.hop
TONE_HZ = 87.3


def _sound(hops: int, *, shift: float = 0.0) -> Tensor:
    """A low tone and noise, other left than right."""
    t = torch.arange(hops * MEL.hop) / MEL.sample_rate
    tone = 0.3 * torch.sin(2 * math.pi * TONE_HZ * t + shift)
    noise = torch.randn(2, len(t), generator=torch.Generator().manual_seed(0))
    return torch.stack([tone, 0.8 * tone]) + 0.01 * noise


def _kept(sound: Tensor, stays: np.ndarray) -> Recording:
    return Recording(sound.numpy(), stays)


def test_frames_of_a_part_are_those_of_the_whole() -> None:
    sound = _sound(20)[:, : 20 * MEL.hop - 300]
    stays = np.arange(20) % 3 > 0
    whole = _kept(sound, stays).frames(0, 20, MEL)

    parts = [_kept(sound, stays).frames(a, b, MEL) for a, b in ((0, 1), (1, 9), (9, 20))]

    assert whole.spectra.shape == (2, MEL.bins, 20)
    assert torch.allclose(torch.cat([p.spectra for p in parts], dim=-1), whole.spectra, atol=1e-6)
    assert torch.equal(torch.cat([p.stays for p in parts]), whole.stays)


def test_a_recording_that_is_kept_whole_is_the_recording(codec: AudioCodec) -> None:
    sound = _sound(40)
    latents = codec.encode(Waveform(sound.numpy(), MEL.sample_rate))

    made = codec.decode(latents, sound.shape[1], kept=_kept(sound, np.ones(40, bool))).samples

    assert np.allclose(made, sound.numpy(), atol=1e-5)


def test_nothing_kept_changes_nothing(codec: AudioCodec) -> None:
    sound = _sound(40)
    latents = codec.encode(Waveform(sound.numpy(), MEL.sample_rate))

    plain, kept = (
        codec.decode(latents, sound.shape[1], kept=k).samples for k in (None, _kept(sound, np.zeros(40, bool)))
    )

    assert np.array_equal(plain, kept)


@pytest.mark.parametrize("block", [9, 16])
def test_blocks_leave_no_seam_beside_what_is_kept(codec: AudioCodec, block: int) -> None:
    sound = _sound(120)
    latents = codec.encode(Waveform(sound.numpy(), MEL.sample_rate))
    kept = _kept(sound, np.arange(120) < 50)

    whole = codec.decode(latents, sound.shape[1], kept=kept).samples
    stream = codec.decode_stream(latents, sound.shape[1], kept=kept, block=block)

    assert np.allclose(np.concatenate(list(stream), axis=1), whole, atol=1e-3 * float(np.abs(whole).max()))


def test_a_recording_of_another_length_is_refused(codec: AudioCodec) -> None:
    sound = _sound(40)
    latents = codec.encode(Waveform(sound.numpy(), MEL.sample_rate))

    with pytest.raises(InvalidAudio, match="39 spectra is to be kept, the latents make 40"):
        codec.decode(latents, LATENT, kept=_kept(sound, np.ones(39, bool)))


@pytest.mark.parametrize("latents", [1, 3, 10])
def test_the_low_wave_of_a_part_is_that_of_the_whole(latents: int) -> None:
    sound = _sound(4 * latents)[:, : 4 * latents * MEL.hop - 300]
    low = LowWave.of(sound.numpy(), MEL)
    whole = low.frames(0, low.count, MEL)
    cuts = sorted({0, 1, min(9, low.count), low.count})

    parts = [low.frames(a, b, MEL).spectra for a, b in pairwise(cuts)]

    assert low.wave.shape == (latents, PER_LATENT)
    assert whole.spectra.shape == (1, LOW_BINS, 4 * latents)
    assert torch.allclose(torch.cat(parts, dim=-1), whole.spectra, atol=1e-6)


def test_the_low_wave_holds_the_lowest_bins_of_the_middle() -> None:
    sound = _sound(60)
    true = spectrum(mid_side(sound), MEL)[:1, :LOW_BINS, 8:-8]

    found = LowWave.of(sound.numpy(), MEL).frames(8, 52, MEL).spectra

    assert float((found - true).norm() / true.norm()) < 0.02


def test_with_its_low_wave_a_bass_comes_back_as_it_was(codec: AudioCodec) -> None:
    sound = _sound(60)
    latents, low = codec.encode(Waveform(sound.numpy(), MEL.sample_rate)), LowWave.of(sound.numpy(), MEL)

    plain, made = (codec.decode(latents, sound.shape[1], kept=k).samples for k in (None, low))

    assert low_band_si_sdr(made, sound.numpy(), MEL.sample_rate) > 10.0
    assert low_band_si_sdr(plain, sound.numpy(), MEL.sample_rate) < 0.0


def test_a_low_wave_of_another_length_is_refused(codec: AudioCodec) -> None:
    sound = _sound(40)
    latents = codec.encode(Waveform(sound.numpy(), MEL.sample_rate))

    with pytest.raises(InvalidAudio, match="36 spectra is to be kept, the latents make 40"):
        codec.decode(latents, LATENT, kept=LowWave.of(sound.numpy()[:, : 9 * LATENT], MEL))


def _steady(frames: int) -> Spectra:
    """What a vocoder would tell of the tone: levels, and that every bin turns by the tone's frequency."""
    level = spectrum(mid_side(_sound(frames)), MEL)[None].abs().clamp(min=FLOOR).log()
    turn_of = MEL.hop / MEL.sample_rate * TONE_HZ - 0.25 * (torch.arange(256) % 4)
    turn = 0.97 * torch.polar(torch.ones(256), 2 * math.pi * turn_of)[None, None, :, None].expand(1, 2, 256, frames)
    none = torch.zeros_like(turn)
    return Spectra(level, turn, none, none[:, 0], none[:, 0, :48])


def test_a_low_wave_leaves_sides_and_higher_bins_as_loud_as_they_are_told() -> None:
    told = _steady(20)
    low = LowWave.of((0.3 * _sound(20)).numpy(), MEL).frames(0, 20, MEL)

    made = PhaseWalk(VocoderConfig()).along(told, low).abs()

    assert torch.allclose(made[1], told.level[0, 1].exp(), rtol=1e-3)
    assert torch.allclose(made[0, LOW_BINS:], told.level[0, 0, LOW_BINS:].exp(), rtol=1e-3)
    assert torch.equal(made[0, :LOW_BINS], low.spectra[0].abs())


def _walked(stays: np.ndarray, recording: Tensor) -> Tensor:
    kept = _kept(recording, stays).frames(0, len(stays), MEL)
    return left_right(agreed(PhaseWalk(VocoderConfig()).along(_steady(len(stays)), kept), MEL, 0))


def _alike(made: Tensor, true: Tensor, first: int, last: int) -> float:
    a, b = (x[0, first * MEL.hop : last * MEL.hop] for x in (made, true))
    return float(a @ b / (a.norm() * b.norm()))


def test_a_wave_goes_on_where_a_recording_ends() -> None:
    true = _sound(60)

    made = _walked(np.arange(60) < 20, true)

    assert _alike(made, true, 24, 40) > 0.95


def test_a_wave_comes_to_a_recording_that_follows() -> None:
    before, after = _sound(100), _sound(100, shift=2.0)
    recording = torch.cat([before[:, : 50 * MEL.hop], after[:, 50 * MEL.hop :]], dim=1)
    stays = (np.arange(100) < 20) | (np.arange(100) >= 20 + APPROACH + 20)

    made = _walked(stays, recording)

    assert _alike(made, before, 22, 32) > 0.95
    assert _alike(made, after, 76, 83) > 0.95


def test_what_is_fixed_keeps_its_phases() -> None:
    size = spectrum(_sound(30), MEL).abs()
    turns = torch.rand(size.shape, generator=torch.Generator().manual_seed(1))
    frames = torch.polar(size, 2 * math.pi * turns)
    true = spectrum(_sound(30), MEL)
    stays = torch.arange(30) % 2 == 0
    frames[..., stays] = true[..., stays]
    fixed = Frames(true, stays).fixed(MEL.bins)

    loose, held = (
        float((spectrum(agreed(frames, MEL, 5, f), MEL) - true)[..., stays].norm() / true.norm()) for f in (None, fixed)
    )

    assert held < 0.7 * loose
