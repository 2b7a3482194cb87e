"""Feelings are learned from scenes: better than chance on others, at the spread of the labels, the same twice."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from encoders.features import Features
from encoders.feeling import FILE, Feeling
from tests.training.adapter_world import embed, random_labels
from training.feeling import agreement, train
from training.moods import Mood
from training.presets import FEELING, Preset
from training.scenes.family import Scene

LABELS = random_labels(200, seed=0)


def scenes(count: int, seed: int) -> list[Scene]:
    """Words of which z makes sad and q makes lively."""
    rng = Random(seed)
    found = []
    for _ in range(count):
        sad, lively = rng.random(), rng.random()
        text = "ab" + "z" * round(8 * sad) + "q" * round(8 * lively) + "".join(rng.choices("cdefg", k=3))
        found.append(Scene(text, "made", Mood(1.0 - sad, lively), held_out=False))
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Feeling]:
    run = tmp_path_factory.mktemp("feeling")
    preset = Preset(250, 64, learning_rate=5e-3, sizes={"width": 32})
    return run, train(scenes(400, 0), embed, LABELS, run, preset, encoder="letters")


def test_scenes_never_seen_are_ranked_by_what_they_feel_like(trained: tuple[Path, Feeling]) -> None:
    found = agreement(trained[1], scenes(150, 1), embed)

    assert found["valence"] > 0.6
    assert found["arousal"] > 0.6


def test_what_is_written_gives_moods_at_the_middle_of_the_labels(trained: tuple[Path, Feeling]) -> None:
    known = scenes(400, 0)
    told = Features("story", "letters", embed([s.text for s in known]), np.zeros(len(known)))

    moods = Feeling.load(trained[0] / FILE).moods(told)

    wanted = np.array([(x.valence, x.arousal) for x in LABELS])
    np.testing.assert_allclose(moods.mean(axis=0), wanted.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(moods.std(axis=0), wanted.std(axis=0), atol=0.06)


def test_training_twice_with_one_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(scenes(50, 0), embed, LABELS, tmp_path / name, FEELING["tiny"], encoder="letters")

    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()
