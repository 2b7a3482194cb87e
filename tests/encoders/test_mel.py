"""Laws of the log-mel view."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import resample_poly

from encoders.mel import SAMPLE_RATE, log_mel, mel_filters, mono


def _tone(hz: float, seconds: float = 2.0, rate: int = SAMPLE_RATE) -> torch.Tensor:
    return torch.sin(2 * torch.pi * hz * torch.arange(int(seconds * rate)) / rate)[None].float()


def test_loudness_changes_nothing() -> None:
    sound = _tone(440.0) + 0.1 * _tone(3000.0)

    quiet, loud = log_mel(0.05 * sound, mel_filters()), log_mel(0.9 * sound, mel_filters())

    assert torch.allclose(quiet, loud, atol=2e-3)


def test_a_higher_tone_lies_in_a_higher_band() -> None:
    bands = [int(log_mel(_tone(hz), mel_filters()).mean(-1).argmax()) for hz in (110.0, 440.0, 1760.0, 7040.0)]

    assert bands == sorted(set(bands))


def test_every_band_hears_something() -> None:
    assert bool((mel_filters().sum(1) > 0).all())


def test_a_sound_at_another_rate_keeps_its_pitch() -> None:
    stereo = np.repeat(_tone(1000.0, rate=44100).numpy(), 2, axis=0)

    same = torch.from_numpy(mono(stereo, 44100))[None]

    assert abs(same.shape[1] - 2 * SAMPLE_RATE) <= 1
    there = int(log_mel(same, mel_filters()).mean(-1).argmax())
    assert there == int(log_mel(_tone(1000.0), mel_filters()).mean(-1).argmax())


@pytest.mark.parametrize("rate", [44_100, 48_000, 8_000])
def test_resampling_a_minute_at_a_time_gives_what_the_whole_gives(rate: int) -> None:
    sound = np.random.default_rng(0).standard_normal((2, 61 * rate + 7)).astype(np.float32)
    common = math.gcd(SAMPLE_RATE, rate)

    whole = resample_poly(sound.mean(axis=0), SAMPLE_RATE // common, rate // common)

    assert mono(sound, rate).shape == whole.shape
    assert np.allclose(mono(sound, rate), whole, atol=1e-5)
