"""The eyes: unit meanings, one answer for one picture, any size and shape, and weights that come back as they were."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from encoders.errors import BadEncoderWeights
from encoders.vision import Eyes, VisionConfig, as_pixels, square
from generators.flow.checkpoint import parameters, save_module
from tests.encoders.films import texture

SMALL = VisionConfig(width=8, size=32, text=24, looks=5, compact=6)


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    torch.manual_seed(0)
    return Eyes(SMALL).eval()


def pictures(n: int) -> list[NDArray[np.uint8]]:
    return [texture(seed, 40 + seed, 60 - seed) for seed in range(n)]


def test_a_glance_has_unit_meanings_and_moods_between_nought_and_one(eyes: Eyes) -> None:
    glance = eyes.look(pictures(5))
    assert glance.meaning.shape == (5, SMALL.text)
    assert glance.looks.shape == (5, SMALL.looks)
    assert torch.allclose(glance.meaning.norm(dim=1), torch.ones(5), atol=1e-5)
    assert glance.mood.shape == (5, 2)
    assert 0.0 < float(glance.mood.min()) <= float(glance.mood.max()) < 1.0


def test_a_picture_looks_the_same_alone_and_among_many(eyes: Eyes) -> None:
    many = pictures(40)  # more than one batch
    together, alone = eyes.columns(many), np.concatenate([eyes.columns([p]) for p in many])
    assert np.abs(together - alone).max() < 1e-5


def test_other_pictures_give_other_columns(eyes: Eyes) -> None:
    columns = eyes.columns(pictures(4))
    assert columns.dtype == np.float32
    assert columns.shape == (4, SMALL.compact + 2)
    assert np.ptp(columns, axis=0).max() > 1e-3


def test_axes_keep_the_spread_of_meanings_in_falling_order(eyes: Eyes) -> None:
    fitted = Eyes(SMALL)
    spread = torch.linspace(3.0, 0.1, SMALL.text)
    meanings = torch.randn(200, SMALL.text, generator=torch.Generator().manual_seed(1)) * spread + 5.0

    fitted.fit_axes(meanings)

    assert torch.allclose(fitted.axes @ fitted.axes.T, torch.eye(SMALL.compact), atol=1e-5)
    deviations = ((meanings - fitted.middle) @ fitted.axes.T).std(0)
    assert (deviations.diff() < 0).all()
    assert float(deviations[0]) > 2.0
    with pytest.raises(ValueError, match="5 meanings cannot give 6 axes"):
        fitted.fit_axes(meanings[:5])


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 500), (500, 1), (3, 2), (480, 1920)])
def test_every_shape_becomes_a_square(eyes: Eyes, height: int, width: int) -> None:
    picture = np.full((height, width, 3), 90, np.uint8)
    assert (square(picture, 32) == 90).all()
    assert square(picture, 32).shape == (32, 32, 3)
    assert np.isfinite(eyes.columns([picture])).all()


def test_a_wide_picture_keeps_its_middle() -> None:
    picture = np.zeros((10, 60, 3), np.uint8)
    picture[:, 20:40] = 255  # the middle, twice as wide as high
    assert square(picture, 20).min() == 255


def test_pixels_are_channels_first_between_nought_and_one() -> None:
    squares = torch.zeros(2, 4, 4, 3, dtype=torch.uint8)
    squares[..., 1] = 255
    pixels = as_pixels(squares)
    assert pixels.shape == (2, 3, 4, 4)
    assert pixels.mean((0, 2, 3)).tolist() == [0.0, 1.0, 0.0]


def test_saved_eyes_see_the_same_in_half_precision(eyes: Eyes, tmp_path: Path) -> None:
    save_module(tmp_path / "vision.safetensors", eyes, SMALL)
    loaded = Eyes.load(tmp_path / "vision.safetensors")
    assert loaded.config == SMALL
    assert np.abs(loaded.columns(pictures(3)) - eyes.columns(pictures(3))).max() < 0.02


def test_missing_or_broken_eyes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEncoderWeights, match=r"vision\.safetensors"):
        Eyes.load(tmp_path / "vision.safetensors")
    (tmp_path / "vision.safetensors").write_bytes(b"no weights")
    with pytest.raises(BadEncoderWeights, match="cannot be read"):
        Eyes.load(tmp_path / "vision.safetensors")


def test_the_default_is_small_enough_for_a_laptop() -> None:
    assert 1e6 < parameters(Eyes(VisionConfig())) < 2.5e6
