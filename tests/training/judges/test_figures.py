"""Figures of the judge: laws of the measures, and closed forms for answers that are known."""

import numpy as np
import pytest
import torch

from tests.training.judges.conftest import World
from training.judges.figures import correlation, evaluate, expected_third, judged, mean_average_precision


def test_figures_are_shares_and_know_the_commonest(world: World) -> None:
    figures = evaluate(world.net, world.labelled)

    assert figures["clips"] == len(world.labelled.mel)
    assert all(-1.0 <= value <= 1.0 for name, value in figures.items() if name.endswith("_r"))
    assert all(0.0 <= value <= 1.0 for name, value in figures.items() if name != "clips" and not name.endswith("_r"))
    mode = world.labelled.targets[:, 2].float().mean()
    assert figures["mode_commonest"] == pytest.approx(float(torch.maximum(mode, 1 - mode)))


def test_clips_are_judged_in_blocks_as_they_would_be_alone(world: World) -> None:
    told = judged(world.net, world.labelled)

    with torch.no_grad():
        last = world.net(world.labelled.view(np.array([len(world.labelled.mel) - 1])))

    assert len(told.style) == len(world.labelled.mel)
    assert torch.allclose(told.style[-1], last.style[0], atol=1e-4)
    assert torch.allclose(told.major[-1:], last.major, atol=1e-4)


def test_thirds_are_expected_between_their_ends() -> None:
    logits = torch.tensor([[50.0, 0.0, 0.0], [0.0, 50.0, 0.0], [0.0, 0.0, 50.0], [0.0, 0.0, 0.0]])

    assert expected_third(logits).tolist() == pytest.approx([0.0, 0.5, 1.0, 0.5])


def test_correlation_is_one_of_a_line_and_nothing_of_a_constant() -> None:
    row = np.array([0.1, 0.5, 0.2, 0.9])

    assert correlation(row, 3.0 * row - 1.0) == pytest.approx(1.0)
    assert correlation(row, -row) == pytest.approx(-1.0)
    assert correlation(row, np.ones(4)) == 0.0


def test_average_precision_has_its_closed_forms() -> None:
    truth = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool)
    scores = np.array([[3.0, 1.0, 1.0], [2.0, 1.0, 2.0], [1.0, 1.0, 3.0]])

    first = mean_average_precision(scores[:, :1], truth[:, :1])

    assert first == pytest.approx((1.0 + 2.0 / 3.0) / 2.0)
    assert mean_average_precision(scores, truth) == pytest.approx((first + 1.0 / 3.0) / 2.0)
    assert mean_average_precision(truth.astype(float), truth) == 1.0
    assert mean_average_precision(scores[:, 1:2], truth[:, 1:2]) == 0.0


def test_average_precision_of_a_random_order_is_the_share_that_is_true() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((4000, 8)) < 0.3

    assert mean_average_precision(rng.random((4000, 8)), truth) == pytest.approx(0.3, abs=0.02)
