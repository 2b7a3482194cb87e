"""Each way to the listener changes a sound, and none of them beyond knowing it again."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from training import degrade

RATE = 22_050
Way = Callable[[NDArray[np.float32], int, np.random.Generator], NDArray[np.float32]]
WAYS = (degrade.room, degrade.equaliser, degrade.noise, degrade.level, degrade.codec)


def _music() -> NDArray[np.float32]:
    t = np.arange(3 * RATE) / RATE
    tones = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 330.0, 554.0))
    return (0.2 * tones * np.exp(-3.0 * (t % 0.5))).astype(np.float32)


@pytest.mark.parametrize("way", WAYS)
def test_a_way_changes_the_sound_and_leaves_it_known(way: Way) -> None:
    sound = _music()

    out = way(sound, RATE, np.random.default_rng(0))

    assert out.shape == sound.shape
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.abs(out - sound).max() > 1e-4
    assert np.corrcoef(out, sound)[0, 1] > 0.7


def test_noise_lies_as_far_below_as_it_says() -> None:
    sound = _music()

    ratios = []
    for seed in range(12):
        added = degrade.noise(sound, RATE, np.random.default_rng(seed)) - sound
        ratios.append(10 * np.log10(np.mean(sound**2) / np.mean(added**2)))

    assert min(ratios) > 14.5
    assert max(ratios) < 40.5


def test_some_clips_stay_as_they_are_and_the_same_seed_does_the_same() -> None:
    sound = _music()

    untouched = [np.array_equal(degrade.degraded(sound, RATE, np.random.default_rng(s)), sound) for s in range(40)]
    one, again = (degrade.degraded(sound, RATE, np.random.default_rng(3)) for _ in range(2))

    assert 0.2 < np.mean(untouched) < 0.6
    assert np.array_equal(one, again)
