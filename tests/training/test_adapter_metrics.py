import numpy as np
import pytest
import torch
from torch import Tensor

from generators.score.style import STYLES
from tests.training.adapter_world import answers
from training.adapter_data import Examples, examples
from training.adapter_metrics import AdapterMetrics, energy_distance, judge
from training.moods import Mood

WORLD = answers(420)


def held_out() -> Examples:
    rng = np.random.default_rng(1)
    moods = [
        Mood(valence, arousal, styles={STYLES[i % 14]: 1.0}, valence_spread=0.08)
        for i, (valence, arousal) in enumerate(rng.random((60, 2)).tolist())
    ]
    return examples(np.zeros((60, 2), np.float32), moods, WORLD.library, seed=2)


ROWS = held_out()


def true_points(_: Tensor, seed: int) -> Tensor:
    return torch.from_numpy(WORLD.one_point(ROWS.pool[:, -1 - seed % 8], np.random.default_rng(seed)))


def the_mean(_: Tensor, seed: int) -> Tensor:
    mean = torch.from_numpy(WORLD.points.mean(axis=0))
    return torch.nn.functional.normalize(mean, dim=0).expand(len(ROWS), -1)


def unrelated(_: Tensor, seed: int) -> Tensor:
    pieces = np.random.default_rng(seed).integers(0, 420, len(ROWS))
    return torch.from_numpy(WORLD.one_point(pieces, np.random.default_rng(seed)))


@pytest.fixture(scope="module")
def judged() -> dict[str, AdapterMetrics]:
    return {f.__name__: judge(f, ROWS, WORLD) for f in (true_points, the_mean, unrelated)}


def test_true_points_match_their_rows_and_not_others(judged: dict[str, AdapterMetrics]) -> None:
    truth = judged["true_points"]
    assert truth.cosine_match > truth.cosine_shuffled + 0.3
    assert truth.style_hit > 0.8
    assert truth.valence_sign > 0.8


def test_one_point_for_all_is_seen_as_collapsed(judged: dict[str, AdapterMetrics]) -> None:
    mean, truth = judged["the_mean"], judged["true_points"]
    assert mean.mean_norm == pytest.approx(1.0, abs=1e-4)
    assert mean.mean_norm > truth.mean_norm + 0.3
    assert mean.energy_distance > 10 * abs(truth.energy_distance)
    assert mean.cosine_match == pytest.approx(mean.cosine_shuffled, abs=0.05)


def test_the_energy_score_is_best_for_the_truth_and_not_fooled_by_the_right_spread_in_the_wrong_place(
    judged: dict[str, AdapterMetrics],
) -> None:
    scores = {name: m.energy_score for name, m in judged.items()}
    assert scores["true_points"] < min(scores["the_mean"], scores["unrelated"])
    assert judged["unrelated"].energy_distance < 0.05


def test_the_energy_distance_is_symmetric_and_zero_for_one_distribution() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((400, 3)).astype(np.float32) for _ in range(2))
    assert abs(energy_distance(a, b)) < 0.02
    assert energy_distance(a, b + 2) > 1.0
    assert energy_distance(a, b + 2) == pytest.approx(energy_distance(b + 2, a), abs=1e-5)
