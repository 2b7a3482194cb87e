"""Filters and level: closed forms."""

import numpy as np
import pytest

from generators.render.loudness import moment_level_db
from generators.render.stem import folded, layer_of
from generators.render.tone import Tone, apply_tone, high_pass, low_pass, shelf

RATE = 44100


def test_filters_are_3_db_down_at_their_cutoff() -> None:
    at = np.array([1000.0])
    assert abs(low_pass(at, 1000.0)[0]) == pytest.approx(np.sqrt(0.5), rel=1e-4)
    assert abs(high_pass(at, 1000.0)[0]) == pytest.approx(np.sqrt(0.5), rel=1e-4)


def test_a_shelf_has_its_gains_at_the_ends_and_the_middle_between() -> None:
    gains = 20.0 * np.log10(np.abs(shelf(np.array([0.01, 1e8]), 1000.0, -3.0, 6.0)))
    assert gains == pytest.approx([-3.0, 6.0], abs=0.01)


def test_a_tone_is_causal_and_removes_direct_current() -> None:
    x = np.zeros((2, RATE), np.float32)
    x[:, RATE // 2 :] = 1.0
    y = apply_tone(x, RATE, Tone(low_cut_hz=40.0, high_cut_hz=8000.0))
    assert np.max(np.abs(y[:, : RATE // 2 - 20])) < 0.01
    assert abs(float(y[:, -2000:].mean())) < 0.01


def test_width_scales_the_side_and_the_lows_are_mono() -> None:
    t = np.arange(RATE) / RATE
    high, low = np.sin(2 * np.pi * 3000.0 * t), np.sin(2 * np.pi * 50.0 * t)
    sides = []
    for tone in (high, low):
        y = apply_tone(np.stack([tone, -tone]).astype(np.float32), RATE, Tone(width=0.5))
        sides.append(float(np.sqrt(np.mean((y[0] - y[1])[RATE // 4 : -RATE // 4] ** 2)) / np.sqrt(2.0)))
    assert sides[0] == pytest.approx(0.5, rel=0.02)
    assert sides[1] < 0.1


def test_a_full_scale_sine_at_1_khz_has_its_known_level() -> None:
    t = np.arange(2 * RATE) / RATE
    x = np.stack([np.sin(2 * np.pi * 997.0 * t)] * 2).astype(np.float32)
    assert moment_level_db(x, RATE) == pytest.approx(0.0, abs=0.4)
    assert moment_level_db(x * np.float32(0.1), RATE) == pytest.approx(-20.0, abs=0.4)
    assert moment_level_db(np.zeros_like(x), RATE) < -100.0


def test_keys_fold_by_octaves_into_an_instruments_range() -> None:
    assert folded(60, (40, 80)) == 60
    assert folded(30, (40, 80)) == 42
    assert folded(99, (40, 80)) == 75
    assert all(folded(k, (55, 90)) % 12 == k % 12 for k in range(21, 109))


def test_velocities_fall_into_three_layers() -> None:
    layers = [layer_of(v) for v in range(1, 128)]
    assert layers == sorted(layers)
    assert set(layers) == {0, 1, 2}
