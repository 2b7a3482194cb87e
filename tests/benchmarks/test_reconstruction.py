"""The measures know the original, know worse from better, and find what they look for."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from benchmarks.reconstruction import blemishes, griffin_lim, log_spectral_distance, low_band_si_sdr
from generators.audio.mel import MelConfig, log_mel

RATE = 44_100
MEL = MelConfig()
Floats = NDArray[np.float32]


def _music(seconds: float = 1.0) -> Floats:
    t = np.arange(round(seconds * RATE / 512) * 512) / RATE
    tones = [np.sin(2 * np.pi * f * t) * np.exp(-(t % 0.25) * 4.0) for f in (60.0, 221.3, 662.1, 1500.9)]
    return (0.2 * np.stack([tones[0] + tones[1] + tones[3], tones[0] + tones[2]])).astype(np.float32)


def _noise(like: Floats, level: float) -> Floats:
    return (like + level * np.random.default_rng(0).standard_normal(like.shape)).astype(np.float32)


def test_the_original_is_at_no_distance() -> None:
    assert log_spectral_distance(_music(), _music()) == 0.0
    assert low_band_si_sdr(_music(), _music(), RATE) > 90.0


def test_more_noise_is_further_away() -> None:
    music = _music()

    distances = [log_spectral_distance(_noise(music, level), music) for level in (1e-3, 1e-2, 1e-1)]

    assert distances == sorted(distances)
    assert distances[0] > 0.0


def test_half_as_loud_is_six_db_away_everywhere_above_the_floor() -> None:
    music = _noise(_music(), 0.3)

    assert log_spectral_distance(0.5 * music, music) == pytest.approx(6.02, abs=0.05)


def test_the_low_band_does_not_care_for_level_nor_for_what_is_high() -> None:
    music = _music()
    t = np.arange(music.shape[1]) / RATE
    bright = (0.3 * music + 0.2 * np.sin(2 * np.pi * 3000.0 * t)).astype(np.float32)

    assert low_band_si_sdr(bright, music, RATE) > 40.0
    assert low_band_si_sdr(np.roll(music, 200, axis=1), music, RATE) < 10.0


def test_griffin_lim_finds_sound_of_that_mel_and_does_better_with_more_rounds() -> None:
    music = _music()
    views = log_mel(torch.from_numpy(music), MEL)

    few, many = (griffin_lim(views, MEL, rounds=rounds) for rounds in (1, 30))

    assert many.shape == music.shape
    off = [float((log_mel(torch.from_numpy(x), MEL)[:2] - views[:2]).abs().mean()) for x in (few, many)]
    assert off[1] < off[0]
    louder = np.square(many).sum(axis=1) / np.square(music).sum(axis=1)
    assert louder == pytest.approx([1.0, 1.0], abs=0.4)


def test_clicks_at_hops_are_found() -> None:
    music = _noise(_music(), 1e-3)
    clicking = music.copy()
    clicking[:, :: MEL.hop] += 0.1

    assert blemishes(music, MEL).click_ratio < 1.7
    assert blemishes(clicking, MEL).click_ratio > 5.0


def test_a_comb_at_the_rate_of_frames_is_found() -> None:
    music = _noise(_music(), 1e-3)
    frame = 0.05 * np.random.default_rng(1).standard_normal(MEL.hop)
    buzzing = (music + np.tile(frame, music.shape[1] // MEL.hop)).astype(np.float32)

    assert abs(blemishes(music, MEL).buzz_db) < 6.0
    assert blemishes(buzzing, MEL).buzz_db > 15.0


def test_noise_between_partials_is_found() -> None:
    music = _music()

    assert blemishes(_noise(music, 0.05), MEL).between_db > blemishes(music, MEL).between_db + 10.0
