"""Descriptors: named, finite, the same at every size, and each says what its name says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.descriptors import DESCRIPTOR_NAMES, affect, colourfulness, describe
from tests.encoders.films import Rgb, texture


def plain(red: int, green: int, blue: int) -> Rgb:
    return np.tile(np.array([red, green, blue], np.uint8), (60, 90, 1))


def named(picture: Rgb) -> dict[str, float]:
    return dict(zip(DESCRIPTOR_NAMES, describe(picture).tolist(), strict=True))


def test_names_are_unique() -> None:
    assert len(set(DESCRIPTOR_NAMES)) == len(DESCRIPTOR_NAMES) == 73


@settings(max_examples=40)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 1000))
def test_every_picture_has_finite_descriptors_within_bounds(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    vector = describe(picture)
    assert vector.dtype == np.float32
    assert vector.shape == (len(DESCRIPTOR_NAMES),)
    assert np.all(np.abs(vector) <= 1.3)


def test_descriptors_do_not_depend_on_the_size_of_the_picture() -> None:
    small = texture(5, 96, 144)
    large = np.repeat(np.repeat(small, 6, axis=0), 6, axis=1)
    assert np.abs(describe(small) - describe(large)).max() < 0.05


@pytest.mark.parametrize(("colour", "bin_"), [((255, 0, 0), 0), ((0, 255, 0), 120), ((0, 0, 255), 240)])
def test_a_pure_colour_fills_its_hue(colour: tuple[int, int, int], bin_: int) -> None:
    assert named(plain(*colour))[f"hue_{bin_}"] == pytest.approx(1.0)


def test_black_has_no_hue_and_is_night() -> None:
    values = named(plain(0, 0, 0))
    assert sum(values[f"hue_{30 * i}"] for i in range(12)) == 0.0
    assert values["night_share"] == 1.0
    assert values["grey_share"] == 1.0


def test_warm_and_cool_have_opposite_signs() -> None:
    assert named(plain(220, 130, 40))["warmth"] > 0.3
    assert named(plain(40, 130, 220))["warmth"] < -0.3


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("plant_share", (60, 140, 50)),
        ("skin_share", (225, 172, 140)),
        ("snow_share", (245, 245, 250)),
        ("fire_share", (250, 120, 20)),
    ],
)
def test_a_share_is_whole_in_its_own_colour(name: str, colour: tuple[int, int, int]) -> None:
    assert named(plain(*colour))[name] == 1.0
    assert named(plain(90, 60, 160))[name] == 0.0


def test_sky_counts_in_the_upper_half_only() -> None:
    assert named(plain(110, 170, 240))["sky_share"] == pytest.approx(0.5, abs=0.02)


def test_stripes_show_in_the_direction_of_their_edges() -> None:
    ramp = (np.arange(90) // 6 % 2 * 255).astype(np.uint8)
    upright = np.repeat(np.tile(ramp, (60, 1))[..., None], 3, axis=-1)
    values = named(upright)
    assert values["edge_0"] > 0.9
    assert values["edge_density"] > 0.2
    assert named(np.ascontiguousarray(upright.transpose(1, 0, 2)))["edge_90"] > 0.9


def test_the_layout_knows_where_the_light_is() -> None:
    picture = plain(0, 0, 0)
    picture[:20, :30] = 255
    values = named(picture)
    assert values["luma_00"] > 0.9
    assert values["luma_22"] < 0.1
    assert values["top_light"] > 0.0


def test_grey_is_not_colourful_and_a_rainbow_is() -> None:
    grey = np.full((4, 4, 3), 0.5, np.float32)
    rainbow = np.eye(3, dtype=np.float32)[None]
    assert colourfulness(grey) == 0.0
    assert colourfulness(rainbow) > 0.4


def test_mood_follows_the_published_equations() -> None:
    assert affect(1.0, 0.0) == pytest.approx((0.69, -0.31, -0.76))
    assert affect(0.0, 1.0) == pytest.approx((0.22, 0.60, 0.32))
