import numpy as np
import pytest

from training.affect import spearman
from training.evaluation.intervals import auc, bootstrap, bootstrap_two, shuffled


def test_an_interval_holds_the_mean_of_most_samples() -> None:
    rng = np.random.default_rng(0)
    found = [bootstrap(lambda x: float(x.mean()), rng.normal(2.0, 1.0, 40), draws=200, seed=i) for i in range(60)]

    held = np.mean([i.low <= 2.0 <= i.high for i in found])

    assert 0.85 <= held <= 1.0
    assert all(i.low <= i.value <= i.high for i in found)


def test_more_rows_narrow_an_interval() -> None:
    rng = np.random.default_rng(1)
    few, many = (bootstrap(lambda x: float(x.mean()), rng.standard_normal(n)) for n in (20, 2000))

    assert many.high - many.low < 0.25 * (few.high - few.low)


def test_rows_of_columns_stay_together() -> None:
    x = np.random.default_rng(2).standard_normal(50)

    found = bootstrap(spearman, x, x**3)

    assert found.figures == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize("columns", [(np.zeros(0),), (np.zeros(3), np.zeros(4))])
def test_columns_that_do_not_fit_are_refused(columns: tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]) -> None:
    with pytest.raises(ValueError, match="rows"):
        bootstrap(lambda *c: 0.0, *columns)


def test_shuffled_pairs_tell_nothing() -> None:
    x = np.random.default_rng(3).standard_normal(120)

    control = shuffled(x, x)

    assert abs(control.value) < 0.02
    assert -0.3 < control.low < 0.0 < control.high < 0.3


def test_the_area_is_half_of_identical_sets_and_one_of_parted_ones() -> None:
    rng = np.random.default_rng(4)
    same = rng.standard_normal(300)

    assert auc(same, same) == pytest.approx(0.5)
    assert auc(same + 100.0, same) == 1.0
    assert auc(same, same + 100.0) == 0.0
    assert auc(np.array([1.0, 0.0]), np.array([0.0, 0.0])) == pytest.approx(0.75)


def test_the_area_of_like_samples_holds_half_in_its_interval() -> None:
    rng = np.random.default_rng(5)

    found = bootstrap_two(auc, rng.standard_normal(200), rng.standard_normal(150))

    assert found.low <= 0.5 <= found.high
