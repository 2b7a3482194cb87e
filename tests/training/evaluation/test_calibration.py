import numpy as np
import pytest

from training.evaluation.calibration import brier, calibration_error, reliability


def test_a_confidence_that_comes_true_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1.0, 50_000)

    right = rng.uniform(size=50_000) < confidence

    assert calibration_error(confidence, right) < 0.01


def test_boasting_costs_as_much_as_it_is_off() -> None:
    right = np.arange(1000) % 2 == 0

    assert calibration_error(np.full(1000, 0.9), right) == pytest.approx(0.4)
    assert calibration_error(np.full(1000, 0.5), right) == pytest.approx(0.0)


def test_bins_hold_every_row_once_and_certainty_is_in_the_last() -> None:
    confidence = np.array([0.0, 0.05, 0.55, 1.0, 1.0])

    found = reliability(confidence, np.array([False, True, True, True, False]))

    assert found.count.tolist() == [2.0, 1.0, 2.0]
    assert found.confidence.tolist() == pytest.approx([0.025, 0.55, 1.0])
    assert found.right.tolist() == pytest.approx([0.5, 1.0, 0.5])


def test_the_brier_score_of_half_is_a_quarter() -> None:
    truth = np.array([True, False, True])

    assert brier(np.full(3, 0.5), truth) == 0.25
    assert brier(truth.astype(float), truth) == 0.0
