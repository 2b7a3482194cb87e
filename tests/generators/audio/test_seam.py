"""Laws of the cross-fade: it begins and ends with its two sounds and keeps their power between."""

import numpy as np
import pytest

from generators.audio.seam import cross_faded

LENGTH = 4096


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((2, LENGTH)).astype(np.float32)


def test_equal_sounds_are_left_as_they_are() -> None:
    assert cross_faded(noise(0), noise(0)) == pytest.approx(noise(0), abs=1e-5)


def test_strangers_keep_their_power() -> None:
    faded = cross_faded(noise(0), noise(1))

    power = (faded**2).reshape(2, 8, -1).mean(axis=(0, 2))

    assert power == pytest.approx(np.ones(8), abs=0.15)


def test_it_begins_with_the_one_and_ends_with_the_other() -> None:
    before, after = noise(0), noise(1)

    faded = cross_faded(before, after)

    assert faded[:, 0] == pytest.approx(before[:, 0], abs=1e-3)
    assert faded[:, -1] == pytest.approx(after[:, -1], abs=1e-3)


def test_silence_fades_to_sound() -> None:
    assert np.isfinite(cross_faded(np.zeros((2, LENGTH), np.float32), noise(0))).all()
