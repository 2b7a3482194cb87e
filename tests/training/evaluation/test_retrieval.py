import numpy as np
import pytest
from numpy.typing import NDArray

from training.evaluation.material import Material
from training.evaluation.retrieval import measure, ranks, recall, summary


def points(n: int, dim: int = 16, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((n, dim))
    out: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return out


def test_a_library_finds_itself_first() -> None:
    x = points(200)

    found = summary(ranks(x, x))

    assert found.recall[1].figures == (1.0, 1.0, 1.0)
    assert found.median.value == 1.0


def test_strangers_are_found_as_often_as_chance_has_it() -> None:
    found = ranks(points(2000), points(2000, seed=1))

    assert recall(found, 200) == pytest.approx(0.1, abs=0.03)
    assert np.median(found) == pytest.approx(1000, abs=80)


def test_points_that_are_all_alike_are_found_by_chance_only() -> None:
    alike = np.repeat(points(1), 101, axis=0)

    found = ranks(alike, alike)

    assert np.all(found == 50.0)
    assert recall(found, 10) == 0.0


def test_recall_grows_with_the_cutoff() -> None:
    x = points(300)
    found = ranks(x + 0.4 * points(300, seed=2), x)

    shares = [recall(found, k) for k in (1, 5, 10, 100, 300)]

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_section_says_that_a_few_pieces_meet_no_bar(material: Material) -> None:
    report = measure(material)

    assert "among 1000; **not met**" in report.section.body
    assert "a full description" in report.section.body
    assert len(report.series["cutoffs"]) == len(report.series["description -> music"])
    assert 0.0 <= report.figures["description -> music, R@10"] <= 1.0
