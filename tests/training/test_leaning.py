"""The corpus tells what mood does to music: known slopes are found again, and spreads only ever grow."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.adapter_world import random_labels
from training.leaning import by_arousal, lag, odds_of_major


def test_a_logistic_law_is_found_again() -> None:
    rng = np.random.default_rng(0)
    valence = rng.random(20_000)
    major = rng.random(20_000) < 1.0 / (1.0 + np.exp(-6.0 * (valence - 0.4)))

    slope, even = odds_of_major(valence, major)

    assert slope == pytest.approx(6.0, rel=0.1)
    assert even == pytest.approx(0.4, abs=0.02)


def test_tempo_and_energy_by_arousal_are_found_within_styles() -> None:
    styled = {name: 0.1 * i for i, name in enumerate(sorted({x.style for x in random_labels(100, seed=0)}))}
    labels = [
        replace(x, tempo_bpm=60.0 * 2.0 ** (1.2 * x.arousal + styled[x.style]), energy=0.2 + 0.5 * x.arousal)
        for x in random_labels(300, seed=1)
    ]

    assert by_arousal(labels) == pytest.approx((1.2, 0.5))


def test_a_lag_is_made_up_for_but_nothing_is_ever_shrunk() -> None:
    true = np.array([0.1, 0.5, 0.9])

    assert lag(0.5 + 0.5 * (true - 0.5), true) == {"mean": 0.5, "gain": 2.0}
    assert lag(2.0 * true, true)["gain"] == 1.0
