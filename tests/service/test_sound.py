"""What is written is as loud as asked for, whatever the video's own sound is like."""

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from generators.render.render import Mix, true_peak_dbtp
from generators.waveform import Waveform
from service.sound import alone, levelled, under_video
from tests.service.clips import Clip, burst, tone, write_clip


def mix_of(wave: Waveform) -> Mix:
    return Mix({}, wave, -14.0, -3.0)


def loudness(wave: Waveform) -> float:
    return float(pyloudnorm.Meter(wave.sample_rate).integrated_loudness(wave.samples.T.astype(np.float64)))


@pytest.mark.parametrize("lufs", [-24.0, -14.0])
@pytest.mark.parametrize("level", [0.01, 1.0, 4.0])
def test_a_mixture_comes_to_its_loudness_below_the_ceiling(lufs: float, level: float) -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.2 * level, (2, 4 * 44100)).astype(np.float32)
    sound = levelled(Waveform(noise, 44100), lufs=lufs)
    assert loudness(sound.wave) == pytest.approx(lufs, abs=0.3)
    assert sound.loudness_lufs == pytest.approx(loudness(sound.wave), abs=0.1)
    assert sound.true_peak_dbtp == true_peak_dbtp(sound.wave.samples) <= -1.0


def test_silence_stays_silence() -> None:
    sound = levelled(Waveform(np.zeros((2, 44100), np.float32), 44100), lufs=-14.0)
    assert not sound.wave.samples.any()
    assert sound.loudness_lufs == -np.inf


def test_the_mixture_is_not_changed_in_place() -> None:
    wave = tone(2.0)
    levelled(wave, lufs=-30.0)
    assert np.array_equal(wave.samples, tone(2.0).samples)


def test_music_under_a_video_is_measured_with_the_video(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "v.mp4", Clip(sound=True))
    sound = under_video(mix_of(tone(4.0)), video, lufs=-20.0)
    assert sound.wave.samples.shape == tone(4.0).samples.shape
    assert loudness(sound.wave) == pytest.approx(-20.0, abs=0.3)
    late = sound.wave.samples[0, -44100:]
    spectrum = np.abs(np.fft.rfft(late))
    assert spectrum[600] > 2 * spectrum[220]  # the video's own tone stands in front of the music's


def test_under_a_silent_video_the_music_is_left_alone(tmp_path: Path) -> None:
    mix = mix_of(burst(4.0))
    assert under_video(mix, write_clip(tmp_path / "v.mp4"), lufs=-20.0) == alone(mix)
