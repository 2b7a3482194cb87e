"""Spoiling does what it says, by the amount that it says, and leaves the rest alone."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from generators.waveform import Waveform
from training.judges.degradations import (
    RANGES,
    SPOILINGS,
    Spoiled,
    Spoiling,
    clipped,
    crushed,
    drawn,
    lowpassed,
    pink_noise,
    shuffled,
    white_noise,
    wobbling,
)

RATE = 8000


def tone(hz: float = 440.0, seconds: float = 2.0) -> Waveform:
    at = np.arange(int(seconds * RATE)) / RATE
    return Waveform((0.3 * np.sin(2 * np.pi * hz * at))[None].astype(np.float32), RATE)


def power(samples: NDArray[np.floating]) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


@pytest.mark.parametrize("kind", SPOILINGS)
@pytest.mark.parametrize("end", [0, 1])
def test_length_and_rate_stay_and_the_same_seed_gives_the_same(kind: Spoiling, end: int) -> None:
    wave, spoiled = tone(), Spoiled(kind, min(RANGES[kind][end], 3000.0))

    first, again = spoiled.applied(wave, 1), spoiled.applied(wave, 1)

    assert first.samples.shape == wave.samples.shape
    assert first.samples.dtype == np.float32
    assert first.sample_rate == RATE
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, wave.samples)


@pytest.mark.parametrize("add", [white_noise, pink_noise])
@pytest.mark.parametrize("snr_db", [0.0, 20.0])
def test_noise_has_the_asked_ratio(
    add: Callable[[Waveform, float, np.random.Generator], Waveform], snr_db: float
) -> None:
    wave = tone()

    added = add(wave, snr_db, np.random.default_rng(0)).samples - wave.samples

    assert 10 * np.log10(power(wave.samples) / power(added)) == pytest.approx(snr_db, abs=0.1)


def test_pink_noise_falls_by_three_decibels_an_octave() -> None:
    wave = Waveform(np.full((1, 2**16), 1e-6, np.float32), RATE)

    spectrum = np.square(np.abs(np.fft.rfft(pink_noise(wave, -100.0, np.random.default_rng(0)).samples[0])))

    low, high = spectrum[1000:2000].mean(), spectrum[8000:16000].mean()
    assert 10 * np.log10(low / high) == pytest.approx(9.0, abs=0.5)


def test_shuffled_blocks_are_the_same_sound_in_another_order() -> None:
    steps = np.repeat(np.arange(1.0, 9.0), RATE // 4)[None].astype(np.float32)

    mixed = shuffled(Waveform(steps, RATE), 0.25, np.random.default_rng(0)).samples[0]

    middles = mixed[RATE // 8 :: RATE // 4]
    assert sorted(np.round(middles, 3).tolist()) == np.arange(1.0, 9.0).tolist()
    assert middles.tolist() != sorted(middles.tolist())


def test_clipping_flattens_the_peaks_and_keeps_the_loudness() -> None:
    wave = tone()

    crests = []
    for drive_db in (0.0, 6.0, 20.0):
        out = clipped(wave, drive_db).samples
        assert power(out) == pytest.approx(power(wave.samples), rel=1e-3)
        crests.append(float(np.abs(out).max()) / power(out) ** 0.5)

    assert crests[0] == pytest.approx(2**0.5, rel=1e-3)
    assert crests[0] > crests[1] > crests[2]
    assert crests[2] < 1.1


def test_a_lowpass_keeps_what_is_below_and_takes_what_is_above() -> None:
    kept, taken = (power(lowpassed(tone(hz), 1000.0).samples) / power(tone(hz).samples) for hz in (300.0, 3000.0))

    assert kept == pytest.approx(1.0, abs=0.02)
    assert taken < 1e-3


def test_fewer_bits_leave_fewer_levels() -> None:
    levels = [len(np.unique(crushed(tone(), bits).samples)) for bits in (4, 8)]

    assert levels[0] <= 17 < levels[1] <= 257


def test_a_wobble_turns_the_pitch_by_the_asked_cents() -> None:
    wave = wobbling(tone(1000.0, 4.0), 50.0, rate_hz=1.0)

    risen = np.flatnonzero(np.diff(np.signbit(wave.samples[0]).astype(int)) == -1)
    hz = 100.0 * RATE / (risen[100:] - risen[:-100])  # over a hundred periods, a tenth of a swing
    assert 1200 * np.log2(hz.max() / 1000.0) == pytest.approx(50.0, abs=5.0)
    assert 1200 * np.log2(hz.min() / 1000.0) == pytest.approx(-50.0, abs=5.0)


def test_strength_runs_from_the_mildest_to_the_hardest_and_draws_lie_between() -> None:
    rng = np.random.default_rng(0)

    for kind, (mild, hard) in RANGES.items():
        assert Spoiled(kind, mild).strength == pytest.approx(0.0)
        assert Spoiled(kind, hard).strength == pytest.approx(1.0)
    made = [drawn(rng) for _ in range(200)]

    assert {s.kind for s in made} == set(SPOILINGS)
    assert all(min(RANGES[s.kind]) <= s.amount <= max(RANGES[s.kind]) for s in made)
    assert 0.35 < np.mean([s.strength for s in made]) < 0.65


def test_silence_stays_finite() -> None:
    silent = Waveform(np.zeros((2, RATE), np.float32), RATE)

    for kind in SPOILINGS:
        assert np.isfinite(Spoiled(kind, min(RANGES[kind][1], 3000.0)).applied(silent, 0).samples).all()
