"""Sources mix by their weights, over time and as a whole."""

import numpy as np
import pytest

from service.sight import Impression, Sight, Track, shares, unit

EAST, NORTH = np.eye(2, dtype=np.float32)


def still(kind: str, point: np.ndarray[tuple[int], np.dtype[np.float32]], weight: float) -> Impression:
    return Impression(kind, weight, Track(np.zeros(1), point[None]))  # type: ignore[arg-type]


def test_the_whole_leans_to_the_heavier_source() -> None:
    point = Sight((still("image", EAST, 0.8), still("caption", NORTH, 0.2))).point
    assert np.linalg.norm(point) == pytest.approx(1.0)
    assert point[0] == pytest.approx(4 * point[1], rel=1e-5)


def test_a_moving_source_pulls_each_span_to_what_it_is_there() -> None:
    track = Track(np.array([1.0, 9.0]), np.stack([EAST, NORTH]))
    points = Sight((Impression("video", 1.0, track),)).points_over([(0, 5), (5, 10)], 10.0)
    assert points[0, 0] > points[0, 1]
    assert points[1, 1] > points[1, 0]
    assert np.linalg.norm(points, axis=1) == pytest.approx(1.0)


def test_a_text_is_told_from_end_to_end() -> None:
    track = Track(np.zeros(4), np.tile(EAST, (4, 1)))
    assert track.spread(8.0).tolist() == [1, 3, 5, 7]


def test_a_span_without_points_takes_the_nearest() -> None:
    track = Track(np.array([1.0, 9.0]), np.stack([EAST, NORTH]))
    assert track.within(6.0, 7.0, 10.0).tolist() == NORTH.tolist()


def test_shares_add_up_to_one_and_zeros_stay_zeros() -> None:
    assert sum(shares([3.0, 1.0, 0.0])) == pytest.approx(1.0)
    assert unit(np.zeros(2)).tolist() == [0.0, 0.0]
