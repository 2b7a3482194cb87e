import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.adapter import Adapters, FlowAdapter
from encoders.features import Features
from generators.score.style import STYLES
from tests.training.adapter_world import answers
from training.adapter_data import Examples, examples
from training.adapter_metrics import AdapterMetrics
from training.adapter_tasks import Task
from training.adapters import flow_loss, table, train, train_flow
from training.moods import Mood
from training.presets import ADAPTER, Preset

WORLD = answers(420)
SMALL = Preset(250, 64, learning_rate=3e-3, sizes={"width": 48, "depth": 2})


def rows(n: int, seed: int) -> Examples:
    """Features that name the mood: valence, arousal, style."""
    rng = np.random.default_rng(seed)
    moods, features = [], []
    for i in range(n):
        valence, arousal = rng.random(2)
        moods.append(Mood(valence, arousal, styles={STYLES[i % 3]: 1.0}, valence_spread=0.3, arousal_spread=0.3))
        features.append([valence, arousal, *np.eye(3)[i % 3]])
    return examples(np.array(features, np.float32), moods, WORLD.library, seed=seed)


TASK = Task("story", "words-v1", rows(300, 0), rows(60, 1))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, AdapterMetrics]]:
    run = tmp_path_factory.mktemp("adapters")
    return run, train([TASK], WORLD, run, SMALL)["story"]


def test_the_tiny_preset_trains_writes_and_loads_end_to_end(tmp_path: Path) -> None:
    train([replace(TASK, kind="image")], WORLD, tmp_path, ADAPTER["tiny"])
    adapters = Adapters.load(tmp_path)
    assert set(adapters.by_kind) == {"image"}
    features = Features("image", "words-v1", TASK.held_out.features[:4].numpy(), np.zeros(4))
    np.testing.assert_allclose(np.linalg.norm(adapters.to_clap(features, seed=0), axis=1), 1.0, atol=1e-4)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert {"true pieces", "mlp", "flow 1.0"} <= set(metrics["image"])


def test_training_twice_with_one_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train_flow(TASK, WORLD, tmp_path / name, ADAPTER["tiny"])
    first, second = ((tmp_path / name / "story.safetensors").read_bytes() for name in ("a", "b"))
    assert first == second


def test_the_flow_answers_the_scene(trained: tuple[Path, dict[str, AdapterMetrics]]) -> None:
    flow = trained[1]["flow 1.0"]
    assert flow.cosine_match > flow.cosine_shuffled + 0.1
    assert flow.style_hit > 0.6


def test_the_flow_keeps_the_spread_that_the_deterministic_baseline_loses(
    trained: tuple[Path, dict[str, AdapterMetrics]],
) -> None:
    flow, mlp = trained[1]["flow 1.0"], trained[1]["mlp"]
    assert flow.energy_score < mlp.energy_score
    assert flow.energy_distance < mlp.energy_distance
    assert abs(flow.mean_norm - flow.true_norm) < abs(mlp.mean_norm - mlp.true_norm)


def test_the_loss_falls_from_where_an_untrained_net_starts(
    trained: tuple[Path, dict[str, AdapterMetrics]],
) -> None:
    run, _ = trained
    after = Adapters.load(run).by_kind["story"]
    before = FlowAdapter(after.config)
    before.load_state_dict({**before.state_dict(), **dict(after.named_buffers())})
    features, points = TASK.train.draw(256, WORLD, np.random.default_rng(0))
    with torch.no_grad():
        losses = [float(flow_loss(n, features, points, torch.Generator().manual_seed(0))) for n in (before, after)]
    assert losses[1] < 0.8 * losses[0]


def test_the_table_has_a_line_for_each_way(trained: tuple[Path, dict[str, AdapterMetrics]]) -> None:
    lines = table({"story": trained[1]}).splitlines()
    assert len(lines) == 2 + len(trained[1])
    assert len({line.count("|") for line in lines}) == 1
