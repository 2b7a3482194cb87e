"""The tracker against tones whose pitch is known, and against librosa's pYIN."""

from dataclasses import replace

import librosa
import numpy as np
import pytest

from benchmarks.hummed import CLEAN, HUM, Sung, sing
from encoders.pitch import HOP, SAMPLE_RATE, WINDOW, normalised_difference, track_pitch

Floats = np.typing.NDArray[np.float64]


def tone(hz: float, *, seconds: float = 0.5, harmonics: int = 6) -> np.typing.NDArray[np.float32]:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(sum(np.sin(2 * np.pi * k * hz * t) / k for k in range(1, harmonics + 1)) / 4, np.float32)


def midi(hz: float) -> float:
    return 69.0 + 12.0 * float(np.log2(hz / 440.0))


@pytest.mark.parametrize("hz", [65.4, 98.0, 220.0, 440.7, 987.8])
def test_a_steady_tone_has_its_pitch_within_two_cents(hz: float) -> None:
    track = track_pitch(tone(hz))

    inner = track.pitch[10:-10]
    assert np.abs(inner - midi(hz)).max() < 0.02


@pytest.mark.parametrize("hz", [1500.0, 3300.0])
def test_a_whistle_has_its_pitch_within_ten_cents(hz: float) -> None:
    inner = track_pitch(tone(hz, harmonics=1)).pitch[10:-10]

    assert np.abs(inner - midi(hz)).max() < 0.1


def test_twice_as_loud_is_six_decibels_more_and_the_same_pitch() -> None:
    soft, loud = track_pitch(0.25 * tone(220.0)), track_pitch(0.5 * tone(220.0))

    assert np.nanmax(np.abs(soft.pitch - loud.pitch)) < 1e-6
    assert np.median(loud.level_db - soft.level_db) == pytest.approx(20 * np.log10(2.0), abs=1e-6)


def test_every_ten_milliseconds_have_a_frame() -> None:
    track = track_pitch(tone(220.0, seconds=0.7))

    assert len(track.times_s) == len(track.pitch) == len(track.level_db) == 71
    assert np.allclose(np.diff(track.times_s), HOP / SAMPLE_RATE)


def test_silence_and_noise_have_no_pitch() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32)

    assert not track_pitch(np.zeros(SAMPLE_RATE, np.float32)).voiced.any()
    assert track_pitch(noise).voiced.mean() < 0.05


def test_pitch_begins_and_ends_with_the_voice() -> None:
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)

    track = track_pitch(np.concatenate([quiet, tone(220.0), quiet]))

    sounding = track.times_s[track.voiced]
    assert sounding[0] == pytest.approx(0.5, abs=0.04)
    assert sounding[-1] == pytest.approx(1.0, abs=0.04)


def test_the_difference_function_is_the_one_that_its_definition_gives() -> None:
    frames = np.random.default_rng(1).standard_normal((2, WINDOW + 40))

    fast = normalised_difference(frames, 40)

    plain = np.array([[np.sum((x[:WINDOW] - x[lag : lag + WINDOW]) ** 2) for lag in range(40)] for x in frames])
    mean = np.cumsum(plain[:, 1:], axis=1) / np.arange(1, 40)
    assert np.allclose(fast[:, 1:], plain[:, 1:] / mean)
    assert np.all(fast[:, 0] == 1.0)


def test_a_hummed_line_agrees_with_librosa() -> None:
    notes = [Sung(0.1 + 0.3 * i, 0.4 + 0.3 * i, pitch) for i, pitch in enumerate((50, 53, 57))]
    sung = sing(notes, HUM, sample_rate=SAMPLE_RATE, seed=0)

    ours = track_pitch(sung)

    hz = librosa.yin(sung, fmin=62.0, fmax=1000.0, sr=SAMPLE_RATE, frame_length=4096, hop_length=HOP)
    theirs = 69.0 + 12.0 * np.log2(hz / 440.0)
    held = [i for i in range(len(theirs)) if any(n.onset_s + 0.1 < i / 100 < n.end_s - 0.1 for n in notes)]
    assert np.median(np.abs(ours.pitch[held] - theirs[held])) < 0.1
    assert len(held) > 20


def test_a_glide_is_followed_without_leaps() -> None:
    notes = [Sung(0.1, 0.5, 57), Sung(0.5, 0.9, 64)]

    track = track_pitch(sing(notes, replace(CLEAN, glide_s=0.2), sample_rate=SAMPLE_RATE, seed=0))

    line = track.pitch[track.voiced]
    assert np.abs(np.diff(line[2:-2])).max() < 3.0
    assert line[2:-2].min() > 56.5
    assert line[2:-2].max() < 64.5
