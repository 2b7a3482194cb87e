"""Laws of a video's pace: quicker cutting and more motion never make calmer music."""

import numpy as np
import pytest

from encoders.features import Events, ShotCut
from service.pace import MIDDLE, USUAL_SHOT_S, arousal_of, lift, median_shot_s

DURATION_S = 24.0


def seen(shot_s: float, *, motion: float = 0.3, kind: str = "cut") -> Events:
    """A video cut every `shot_s`, that moves evenly."""
    times = np.linspace(0.0, DURATION_S, 241)
    cuts = tuple(ShotCut(float(t), 1.0, kind) for t in np.arange(shot_s, DURATION_S - 0.01, shot_s))
    flat = np.full(241, 0.5)
    return Events(times, cuts, np.zeros(0), np.full(241, motion), flat, flat, flat)


def test_the_shorter_the_shots_the_higher_the_arousal() -> None:
    found = [arousal_of(seen(s), DURATION_S) for s in (24.0, 12.0, 6.0, 3.0, 1.5, 0.75)]

    assert (np.diff(found) > 0).all()


def test_the_more_moves_the_higher_the_arousal() -> None:
    found = [arousal_of(seen(3.0, motion=m), DURATION_S) for m in (0.0, 0.15, 0.3, 0.45)]

    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize(("shot_s", "motion"), [(0.1, 1.0), (24.0, 0.0), (4.0, 0.25)])
def test_arousal_stays_in_range_and_usual_films_lie_in_the_middle(shot_s: float, motion: float) -> None:
    found = arousal_of(seen(shot_s, motion=motion), DURATION_S)

    assert 0.0 <= found <= 1.0
    if shot_s == USUAL_SHOT_S:
        assert found == pytest.approx(MIDDLE)


def test_what_has_the_arousal_of_its_pace_is_left_alone_and_the_rest_drawn_halfway() -> None:
    film = seen(1.0)
    there = arousal_of(film, DURATION_S)

    assert lift(film, DURATION_S, arousal=there) == pytest.approx(0.0)
    assert lift(film, DURATION_S, arousal=there - 0.2) == pytest.approx(0.1)


def test_flashes_end_no_shot() -> None:
    assert median_shot_s(seen(1.0, kind="flash"), DURATION_S) == DURATION_S
    assert median_shot_s(seen(2.0), DURATION_S) == pytest.approx(2.0)
