import numpy as np
import pytest

from benchmarks.novelty import index_of
from training.evaluation.material import Material
from training.evaluation.novelty import measure, nearest_cosines, shares_known, shares_nearest
from training.evaluation.sounds import Stage
from training.pieces import load_pieces


def test_a_training_piece_is_known_whole(material: Material) -> None:
    index = index_of(material.corpus)
    mine = [p.score for p in load_pieces(material.corpus, splits=frozenset({"train"}))]

    assert np.all(shares_known(mine, index) == 1.0)
    assert np.all(shares_nearest(mine, index) == 1.0)


def test_the_nearest_cosine_of_a_point_of_the_library_is_one() -> None:
    library = np.eye(8, dtype=np.float32)

    found = nearest_cosines(np.concatenate([library[:3], -library[:1]]), library)

    assert found.tolist() == pytest.approx([1.0, 1.0, 1.0, 0.0])


def test_music_that_is_the_background_shares_as_much_as_the_background(material: Material) -> None:
    report = measure(material, Stage(material))

    assert report.figures["runs known, composed"] == report.figures["runs known, held-out"]
    assert report.figures["nearest by CLAP, composed"] <= 1.0 + 1e-6
    assert "the background has; met" in report.section.body
