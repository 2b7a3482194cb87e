import numpy as np
import pytest

from benchmarks.sound import Sound, measured
from generators.waveform import Waveform

RATE = 44100


def tone(*, length_s: float = 3.0, until_s: float = 3.0, level: float = 0.5, offset: float = 0.0) -> Sound:
    t = np.arange(round(length_s * RATE)) / RATE
    wave = level * np.sin(2 * np.pi * 997 * t) * (t < until_s) + offset
    return measured(Waveform(np.stack([wave, wave]).astype(np.float32), RATE))


def test_a_sine_has_the_loudness_and_the_peak_that_the_standard_gives_it() -> None:
    sound = tone()

    assert sound.loudness_lufs == pytest.approx(20 * np.log10(0.5), abs=0.1)  # two channels of a 997 Hz sine
    assert sound.true_peak_dbtp == pytest.approx(20 * np.log10(0.5), abs=0.05)
    assert sound.clipped == 0


def test_peaks_between_samples_are_found() -> None:
    t = np.arange(RATE)
    wave = (0.7 * np.sin(np.pi / 2 * t + np.pi / 4)).astype(np.float32)  # every sample lies 3 dB under the peaks

    sound = measured(Waveform(np.stack([wave, wave]), RATE))

    assert sound.true_peak_dbtp == pytest.approx(20 * np.log10(0.7), abs=0.2)


def test_an_ending_that_breaks_off_and_one_that_lasts_too_long_are_told_from_a_good_one() -> None:
    assert not tone(until_s=3.0).ends_well
    assert tone(until_s=2.5).ends_well
    assert not tone(until_s=1.0).ends_well
    assert tone(until_s=1.0).silent_tail_s == pytest.approx(2.0, abs=0.01)


def test_an_offset_and_full_scale_show() -> None:
    assert tone(offset=0.02).offset == pytest.approx(0.02, rel=0.1)
    assert tone(level=1.2).clipped > 0
