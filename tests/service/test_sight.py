"""Sources mix by their weights, over time and as a whole."""

from itertools import pairwise

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
    track = Track(np.zeros(4), np.stack([EAST, EAST, NORTH, NORTH]))
    assert track.is_told
    for at, nearest in ((0, 0), (13, 1), (27, 2), (39, 3)):
        assert track.weights(at, at + 1, 40.0).argmax() == nearest
    assert track.within(0, 10, 40.0).tolist() == EAST.tolist()
    assert track.within(30, 40, 40.0).tolist() == NORTH.tolist()


def test_a_long_sentence_is_told_longer_and_weighs_more_in_the_whole() -> None:
    even, uneven = (
        Track(np.zeros(2), np.stack([EAST, NORTH]), np.array(lengths)) for lengths in ([0.5, 0.5], [0.75, 0.25])
    )
    assert even.within(20, 24, 40.0)[1] > 0.9 * even.within(20, 24, 40.0)[0] > 0
    assert uneven.within(20, 24, 40.0).tolist() == EAST.tolist()
    assert uneven.point[0] == pytest.approx(3 * uneven.point[1], rel=1e-5)


def test_a_text_turns_from_one_sentence_to_the_next_without_a_jump() -> None:
    track = Track(np.zeros(2), np.stack([EAST, NORTH]))
    north = [float(track.weights(at, at + 0.5, 40.0)[1]) for at in np.arange(0, 40, 0.5)]
    assert (north[0], north[-1]) == (0.0, 1.0)
    assert all(a <= b + 1e-9 for a, b in pairwise(north))
    assert max(b - a for a, b in pairwise(north)) < 0.2


def test_a_span_without_points_takes_the_nearest() -> None:
    track = Track(np.array([1.0, 9.0]), np.stack([EAST, NORTH]))
    assert track.within(6.0, 7.0, 10.0).tolist() == NORTH.tolist()


def test_shares_add_up_to_one_and_zeros_stay_zeros() -> None:
    assert sum(shares([3.0, 1.0, 0.0])) == pytest.approx(1.0)
    assert unit(np.zeros(2)).tolist() == [0.0, 0.0]


def test_the_mood_is_that_of_the_sources_that_tell_one_by_weight_and_by_time() -> None:
    moods = np.array([[0.2, 0.4], [0.8, 0.4]])
    told = Track(np.zeros(2), np.stack([EAST, NORTH]), np.array([0.75, 0.25]), moods)

    mood = Sight((Impression("story", 0.5, told), still("image", EAST, 0.5))).mood

    assert mood is not None
    assert (mood.valence, mood.arousal, mood.share) == pytest.approx((0.35, 0.4, 0.5))


def test_where_no_source_tells_a_mood_there_is_none() -> None:
    assert Sight((still("image", EAST, 1.0),)).mood is None
