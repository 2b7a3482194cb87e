import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from encoders.adapter import AdapterConfig, FlowAdapter, MlpAdapter
from generators.flow.checkpoint import save_module
from tests.training.adapter_world import answers
from tests.training.evaluation.world import letters
from training.adapter_data import examples
from training.adapter_metrics import Sampler
from training.evaluation import ways
from training.evaluation.affect import Wanted
from training.evaluation.material import Material
from training.evaluation.ways import SentenceBridge, Trial, answer, oracle
from training.moods import Mood, draw_pieces
from training.scenes.family import Scene

WORLD = answers(400)
MOODS = [Mood(v, a) for v, a in np.random.default_rng(0).random((80, 2))]
ROWS = examples(np.array([(m.valence, m.arousal) for m in MOODS], np.float32), MOODS, WORLD.library, seed=0)


def trial() -> Trial:
    return Trial("story", {}, ROWS, ROWS)


def at_random(_: Tensor, seed: int) -> Tensor:
    rows = np.random.default_rng(seed).integers(0, len(WORLD.points), len(ROWS))
    return torch.from_numpy(WORLD.points[rows])


def collapsed(_: Tensor, seed: int) -> Tensor:
    mean = WORLD.points.mean(axis=0)
    return torch.from_numpy(np.repeat((mean / np.linalg.norm(mean))[None], len(ROWS), axis=0))


def test_true_pieces_are_nearest_and_feel_right() -> None:
    truth = answer(oracle(ROWS, ROWS, WORLD), trial(), WORLD)
    other = answer(at_random, trial(), WORLD)

    assert truth.distance < other.distance
    for dimension in ("valence", "arousal"):
        assert truth.affect[dimension].value > 0.5
        assert abs(other.affect[dimension].value) < 0.35


def test_a_way_that_collapses_to_the_mean_is_far_from_the_truth() -> None:
    truth = answer(oracle(ROWS, ROWS, WORLD), trial(), WORLD)
    mean = answer(collapsed, trial(), WORLD)

    assert mean.distance > 5.0 * truth.distance
    assert mean.metrics.mean_norm == pytest.approx(1.0, abs=1e-5)
    assert mean.affect["valence"].value == 0.0


def bridge() -> tuple[SentenceBridge, np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    vectors = np.random.default_rng(1).standard_normal((60, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scenes = [Scene(f"scene {i}", "x", m, held_out=False) for i, m in enumerate(MOODS[:60])]
    return SentenceBridge(scenes, vectors, WORLD, captions=2), vectors


def test_the_bridge_answers_a_sentence_of_the_bank_with_its_mood() -> None:
    over, vectors = bridge()
    sampler: Callable[[Tensor, int], Tensor] = over.sample

    points = sampler(torch.from_numpy(vectors), 0).numpy()
    nearest = np.argsort(-(points @ WORLD.means.T), axis=1)[:, :15]
    felt = WORLD.library.valence[nearest].mean(axis=1)

    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    assert np.corrcoef(felt, [m.valence for m in MOODS[:60]])[0, 1] > 0.5


def test_the_bridge_repeats_itself_for_a_seed_and_varies_with_it() -> None:
    over, vectors = bridge()
    features = torch.from_numpy(vectors[:5])

    assert torch.equal(over.sample(features, 1), over.sample(features, 1))
    assert not torch.equal(over.sample(features, 1), over.sample(features, 2))


def test_the_floor_is_drawn_from_other_pieces_than_the_truth() -> None:
    draw: Sampler = oracle(ROWS, ROWS, WORLD)

    assert not torch.equal(draw(ROWS.features, 0), draw(ROWS.features, 1))
    assert draw_pieces(MOODS[:2], WORLD.library, 3, seed=0).shape == (2, 3)


def test_the_section_tells_of_every_way_and_holds_the_product_to_the_others(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = shutil.copytree(material.bundle, tmp_path / "bundle")
    config = AdapterConfig("story", "letters", 384, 16, width=16, depth=1)
    for name, net in (("story", FlowAdapter(config)), ("story_mlp", MlpAdapter(config))):
        save_module(bundle / "adapters" / f"{name}.safetensors", net, config)
    scenes = [Scene(f"scene {i}", "x", m, held_out=i % 4 == 0) for i, m in enumerate(MOODS[:40])]
    monkeypatch.setattr(ways, "build_bank", lambda: tuple(scenes))
    monkeypatch.setattr(ways, "encode_sentences", letters)
    monkeypatch.setattr(ways, "sentences", lambda n, seed: [ways_wanted(i, m) for i, m in enumerate(MOODS[40:60])])

    report = ways.measure(replace(material, bundle=bundle))

    for way in ("true pieces", "mlp", "medoid", "bridge"):
        assert f"{way} |" in report.section.body
        assert any(way in figure and figure.endswith("Frechet in CLAP space") for figure in report.figures)
    assert "Bar, story: the flow head as the product uses it" in report.section.body
    assert report.figures["story true pieces: Frechet in CLAP space"] == min(
        value for name, value in report.figures.items() if "Frechet" in name
    )


def ways_wanted(number: int, mood: Mood) -> Wanted:
    return Wanted("story", f"sentence {number}", mood.valence, mood.arousal)
