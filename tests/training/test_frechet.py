"""Laws of the Frechet distance, and its closed form for known Gaussians."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.frechet import Gaussian, frechet, shrunk, tagger_frechet_distance


def rows(seed: int, n: int = 400, d: int = 6) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) @ rng.standard_normal((d, d))


def test_a_set_lies_at_distance_zero_of_itself() -> None:
    assert tagger_frechet_distance(rows(0), rows(0)) == pytest.approx(0.0, abs=1e-9)


def test_the_order_of_the_two_sets_and_of_their_rows_does_not_matter() -> None:
    a, b = rows(0), rows(1)

    there, back, reversed_rows = (tagger_frechet_distance(x, y) for x, y in ((a, b), (b, a), (a[::-1], b)))

    assert there == pytest.approx(back, rel=1e-9)
    assert there == pytest.approx(reversed_rows, rel=1e-9)
    assert there > 0.1


def test_commuting_gaussians_have_the_closed_form() -> None:
    turn = np.linalg.qr(np.random.default_rng(2).standard_normal((3, 3)))[0]
    first, second = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.0])
    a = Gaussian(np.zeros(3), turn @ np.diag(first) @ turn.T)
    b = Gaussian(np.array([1.0, 2.0, 2.0]), turn @ np.diag(second) @ turn.T)

    expected = 9.0 + float(np.square(np.sqrt(first) - np.sqrt(second)).sum())

    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)


def test_covariances_that_do_not_commute_agree_with_the_matrix_root() -> None:
    from scipy.linalg import sqrtm

    a, b = Gaussian.of(rows(3)), Gaussian.of(rows(4))
    root = np.trace(np.real(sqrtm(a.covariance @ b.covariance)))

    expected = np.square(a.mean - b.mean).sum() + np.trace(a.covariance + b.covariance) - 2.0 * root

    assert frechet(a, b) == pytest.approx(float(expected), rel=1e-6)


def test_a_shift_adds_its_square() -> None:
    a = rows(5)

    apart = [tagger_frechet_distance(a, a + shift) for shift in (0.0, 0.5, 1.0, 2.0)]

    assert apart == pytest.approx([6 * shift**2 for shift in (0.0, 0.5, 1.0, 2.0)], abs=1e-6)


def test_turning_the_space_changes_nothing() -> None:
    a, b = rows(6), rows(7)
    turn = np.linalg.qr(np.random.default_rng(8).standard_normal((6, 6)))[0]

    assert tagger_frechet_distance(a @ turn, b @ turn) == pytest.approx(tagger_frechet_distance(a, b), rel=1e-6)


def test_few_rows_are_shrunk_towards_a_ball_and_many_are_not() -> None:
    truth = np.diag([4.0, 1.0, 1.0, 0.1])
    rng = np.random.default_rng(9)
    few, many = (np.cov((rng.standard_normal((n, 4)) * np.sqrt(np.diag(truth))).T, bias=True) for n in (5, 50_000))

    assert np.linalg.matrix_rank(shrunk(few[:4, :4], 5)) == 4
    assert np.ptp(np.linalg.eigvalsh(shrunk(few, 5))) < np.ptp(np.linalg.eigvalsh(few))
    assert np.allclose(shrunk(many, 50_000), many, atol=1e-3)
    assert np.trace(shrunk(few, 5)) == pytest.approx(np.trace(few))


def test_fewer_rows_than_dimensions_give_a_finite_distance() -> None:
    a, b = rows(10, n=4, d=12), rows(11, n=5, d=12)

    apart = tagger_frechet_distance(a, b)

    assert np.isfinite(apart)
    assert apart > 0.0


@pytest.mark.parametrize(
    ("bad", "says"),
    [(np.zeros((1, 3)), "at least 2 rows"), (np.zeros(3), "at least 2 rows"), (np.full((4, 3), np.nan), "finite")],
)
def test_rows_that_give_no_gaussian_are_refused(bad: NDArray[np.float64], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Gaussian.of(bad)


def test_features_of_different_judges_are_not_compared() -> None:
    with pytest.raises(ValueError, match="differ in width: 6 and 5"):
        tagger_frechet_distance(rows(0), rows(1)[:, :5])
