"""Curves follow the picture and stay on the scale of music."""

import numpy as np
import pytest

from encoders.features import Events, ShotCut
from generators.score.plan.brief import Curve
from service import curves


def events(motion: np.ndarray[tuple[int], np.dtype[np.float64]], light: float = 0.5) -> Events:
    times = np.linspace(0, 20, 201)
    flat = np.full(201, light)
    cuts = (ShotCut(10.0, 1.0, "cut"),)
    return Events(times, cuts, np.zeros(0), motion, flat, flat, flat)


def test_energy_rises_with_motion_and_stays_on_its_scale() -> None:
    curve = curves.energy_of(events((np.linspace(0, 1, 201) > 0.5).astype(np.float64)), 0.5, 20.0)
    assert curve.at(np.array([17.0]))[0] - curve.at(np.array([3.0]))[0] > 0.2
    assert curve.values.min() >= curves.LOWEST
    assert curve.values.max() <= curves.HIGHEST
    assert curve.values.mean() == pytest.approx(0.5, abs=0.03)


def test_what_moves_in_the_dark_does_not_excite() -> None:
    bright = curves.energy_of(events(np.linspace(0, 1, 201)), 0.5, 20.0)
    dark = curves.energy_of(events(np.linspace(0, 1, 201), light=0.0), 0.5, 20.0)
    assert np.ptp(dark.values) < np.ptp(bright.values)


def test_an_arc_rises_and_comes_to_rest_and_a_loop_is_level() -> None:
    arc = curves.arc(0.5, 30.0, loop=False)
    assert arc.values.argmax() == 2
    assert arc.values[-1] < arc.values[1]
    assert np.ptp(curves.arc(0.5, 30.0, loop=True).values) == 0


def test_a_mixture_lies_between_its_parts_by_their_weights() -> None:
    low, high = (Curve(np.array([0.0, 9.0]), np.array([v, v])) for v in (0.2, 0.8))
    assert curves.mixed([(3.0, low), (1.0, high)], 9.0).values == pytest.approx(0.35)


def test_a_curve_has_a_bounded_number_of_points() -> None:
    assert len(curves.grid_of(1800.0)) == curves.MAX_POINTS
    assert curves.grid_of(0.2)[[0, -1]].tolist() == [0.0, 0.2]
