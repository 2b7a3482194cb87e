"""The mastering bus: ceiling, loudness, smoothness."""

import numpy as np
import pytest

from generators.render.master import CEILING_DBTP, HOP, Target, apply_curve, limit, master, true_peaks

RATE = 44100


def noise_with_hits(seed: int, seconds: float = 3.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rng = np.random.default_rng(seed)
    x = 0.05 * rng.standard_normal((2, int(seconds * RATE)))
    for at in rng.integers(0, x.shape[1] - 500, 12):
        x[:, at : at + 400] *= rng.uniform(5.0, 30.0)
    return x.astype(np.float32)


def ones(x: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.ones(-(-x.shape[1] // HOP) + 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("loop", [False, True])
def test_no_peak_passes_the_ceiling_and_the_loudness_is_met(seed: int, loop: bool) -> None:
    x = noise_with_hits(seed)
    result = master(x, RATE, Target(-19.0, 2.0, loop), ones(x))
    apply_curve(x, result.curve)
    assert 20 * np.log10(true_peaks(x, hot=0.0).max()) < CEILING_DBTP + 0.2
    assert abs(result.loudness_lufs + 19.0) < 0.1


def test_the_gain_curve_has_no_jumps_and_closes_in_a_loop() -> None:
    x = noise_with_hits(9)
    curve = master(x, RATE, Target(-14.0, 2.0, True), ones(x)).curve
    steps_db = np.abs(np.diff(20.0 * np.log10(curve)))
    assert np.max(steps_db) < 4.0
    assert curve[0] == curve[-1]


def test_quiet_music_is_only_scaled() -> None:
    t = np.arange(2 * RATE) / RATE
    x = np.stack([np.sin(2 * np.pi * 997.0 * t)] * 2).astype(np.float32) * np.float32(0.1)
    curve = master(x, RATE, Target(-23.0, 0.0, False), ones(x)).curve
    assert np.ptp(curve) < 1e-9


def test_a_curve_is_applied_in_straight_lines() -> None:
    x = np.ones((2, 3 * HOP - 5), np.float32)
    apply_curve(x, np.array([1.0, 0.0, 0.5, 0.5]))
    expected = np.interp(np.arange(x.shape[1]) / HOP, np.arange(4), [1.0, 0.0, 0.5, 0.5])
    assert np.allclose(x, expected, atol=1e-6)


def test_peaks_within_spans_are_limited_and_what_is_far_from_them_is_untouched() -> None:
    x = 4.0 * noise_with_hits(3)
    limited = x.copy()

    limit(limited, RATE, [(RATE, 2 * RATE)])

    inside, far = slice(RATE, 2 * RATE), slice(0, RATE - 10 * HOP)
    assert 20 * np.log10(true_peaks(limited[:, inside], hot=0.0).max()) < CEILING_DBTP + 0.2
    assert np.abs(x[:, inside]).max() > 1.0
    assert np.array_equal(limited[:, far], x[:, far])


def test_true_peaks_lie_between_samples() -> None:
    t = np.arange(8 * HOP)
    x = np.stack([np.sin(np.pi / 2 * t + np.pi / 4)] * 2).astype(np.float32)  # a quarter of the rate: samples at 0.707
    assert np.max(np.abs(x)) < 0.71
    assert true_peaks(x)[2:-2].max() > 0.97
