"""Painted places look like what they are called."""

import numpy as np
import pytest

from training.painted import BRUSHES, paint_scene
from training.visual_moods import Look, look_at


def looks(name: str) -> Look:
    """The mean look of a few paintings."""
    found = [look_at(paint_scene(name, 48, np.random.default_rng(i))) for i in range(6)]
    return Look(*(float(np.mean([getattr(f, k) for f in found])) for k in list(Look.__dataclass_fields__)[:8]))


@pytest.mark.parametrize("name", sorted(BRUSHES))
def test_a_place_is_painted_in_any_size_and_anew_each_time(name: str) -> None:
    first, again, other = (paint_scene(name, 33, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.shape == (33, 33, 3)
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert not (first == other).all()


def test_nights_are_dark_and_snow_is_bright() -> None:
    assert max(looks(n).brightness for n in ("starry_night", "night_city", "dark_room", "storm")) < 0.4
    assert min(looks(n).brightness for n in ("snow", "beach", "clear_day")) > 0.45


def test_colours_are_those_of_the_place() -> None:
    assert looks("forest").green > 0.5
    assert looks("underwater").blue > 0.7
    assert min(looks("sunset").warmth, looks("fire").warmth, looks("desert").warmth) > 0.05 > looks("snow").warmth
    assert looks("fog").saturation < 0.1 < looks("clear_day").saturation


def test_a_place_that_nobody_can_paint_is_refused() -> None:
    with pytest.raises(KeyError, match="atlantis"):
        paint_scene("atlantis", 16, np.random.default_rng(0))
