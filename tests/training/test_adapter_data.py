import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from encoders.errors import BadEncoderWeights
from generators.score.style import STYLES
from tests.training.adapter_world import PER_PIECE, answers, embed, random_labels
from training.adapter_data import POOL, caption_examples, examples, joined, load_answers
from training.moods import Mood

WORLD = answers(140)


def write_corpus(folder: Path, pieces: int, points: int) -> None:
    labels = random_labels(pieces, seed=1)
    rows = [{"split": "train", "labels": astuple(x), "captions": ["one", "two"]} for x in labels]
    rows.insert(1, {**rows[0], "split": "valid"})
    (folder / "pieces.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    (folder / "train").mkdir()
    np.save(folder / "train" / "clap.npy", np.ones((2 * points, 4), np.float16))
    np.save(folder / "train" / "clap_offsets.npy", np.arange(points + 1) * 2)


def test_answers_read_the_labels_of_their_split_in_order(tmp_path: Path) -> None:
    write_corpus(tmp_path, 5, 5)
    found = load_answers(tmp_path)
    assert len(found.library) == 5
    assert [STYLES[i] for i in found.library.style] == [x.style for x in random_labels(5, seed=1)]
    assert found.points.dtype == np.float32
    assert found.means.shape == (5, 4)


def test_points_for_other_pieces_and_missing_points_are_refused(tmp_path: Path) -> None:
    write_corpus(tmp_path, 5, 4)
    with pytest.raises(BadEncoderWeights, match="4 pieces, not 5"):
        load_answers(tmp_path)
    (tmp_path / "train" / "clap.npy").unlink()
    with pytest.raises(BadEncoderWeights, match=r"training\.clap"):
        load_answers(tmp_path)


def test_a_drawn_point_belongs_to_its_piece() -> None:
    pieces = np.array([0, 7, 139, 7])
    points = WORLD.one_point(pieces, np.random.default_rng(0))
    for piece, point in zip(pieces, points, strict=True):
        own = WORLD.points[piece * PER_PIECE : (piece + 1) * PER_PIECE]
        assert (own == point).all(axis=1).any()


def test_pools_answer_their_moods() -> None:
    moods = [Mood(0.1, 0.5), Mood(0.9, 0.5)]
    rows = examples(np.zeros((2, 3), np.float32), moods, WORLD.library, seed=0)
    assert rows.pool.shape == (2, POOL)
    low, high = WORLD.library.valence[rows.pool].mean(axis=1)
    assert low < 0.3
    assert high > 0.7


def test_a_captions_only_answer_is_its_own_piece() -> None:
    rows = caption_examples(embed, WORLD, 10, seed=0)
    assert (rows.pool == rows.pool[:, :1]).all()
    assert len(rows) == len(rows.features) == 10


def test_joined_rows_keep_features_moods_and_pools_together() -> None:
    a, b = (caption_examples(embed, WORLD, n, seed=n) for n in (4, 3))
    both = joined(a, b)
    assert len(both) == len(both.features) == len(both.pool) == 7
    assert both.moods == a.moods + b.moods


def test_drawing_is_the_same_for_a_seed() -> None:
    rows = caption_examples(embed, WORLD, 10, seed=0)
    first, again = (rows.draw(16, WORLD, np.random.default_rng(5)) for _ in range(2))
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert first[1].shape == (16, WORLD.points.shape[1])
