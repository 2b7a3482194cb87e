"""Images: the allowed formats, upright, and clear errors for everything else."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from encoders.descriptors import DESCRIPTOR_NAMES
from encoders.errors import MediaTooLarge, UnreadableMedia
from encoders.image import encode_image, load_image
from encoders.vision import Eyes, VisionConfig
from tests.encoders.films import texture


@pytest.mark.parametrize("name", ["still.jpg", "still.png", "still.webp"])
def test_every_allowed_format_gives_the_same_features(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    picture = texture(4, 120, 180)
    Image.fromarray(picture).save(path, quality=95)
    Image.fromarray(picture).save(tmp_path / "true.png")
    features, true = encode_image(path), encode_image(tmp_path / "true.png")
    assert features.kind == "image"
    assert features.vectors.shape == (1, len(DESCRIPTOR_NAMES))
    assert features.times_s.tolist() == [0.0]
    assert np.abs(features.vectors - true.vectors).max() < 0.12


def test_the_name_does_not_decide_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    Image.new("RGB", (20, 20)).save(path, format="GIF")
    with pytest.raises(UnreadableMedia, match=r"still\.jpg: not an image.*send JPEG, PNG or WebP"):
        encode_image(path)


def test_a_photograph_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, :40] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it
    Image.fromarray(picture).save(tmp_path / "phone.png", exif=exif)
    upright = load_image(tmp_path / "phone.png", short_side=40)
    assert upright.shape == (80, 40, 3)
    assert upright[:30].min() > 200
    assert upright[50:].max() < 50


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert load_image(tmp_path / "clear.png", short_side=10).min() == 255


def test_a_large_image_is_reduced_and_a_small_one_is_not(tmp_path: Path) -> None:
    for size in ((400, 300), (40, 30)):
        Image.new("L", size).save(tmp_path / f"{size[0]}.png")
    assert load_image(tmp_path / "400.png", short_side=100).shape == (100, 133, 3)
    assert load_image(tmp_path / "40.png", short_side=100).shape == (30, 40, 3)


@pytest.mark.parametrize("size", [(5001, 5000), (20000, 10000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("1", size).save(tmp_path / "bomb.png")
    with pytest.raises(MediaTooLarge, match="at most 25 megapixels"):
        encode_image(tmp_path / "bomb.png")


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png", "cut.webp"])
def test_an_image_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    Image.fromarray(texture(2, 200, 300)).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableMedia, match=name):
        encode_image(tmp_path / name)


@pytest.mark.parametrize("data", [b"", b"once upon a time"])
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "none.png").write_bytes(data)
    with pytest.raises(UnreadableMedia, match="not an image"):
        encode_image(tmp_path / "none.png")


def test_a_missing_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="check the path"):
        encode_image(tmp_path / "gone.png")


def test_sixteen_bit_grey_is_as_bright_as_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((40, 60), 32768, np.uint16)).save(path)

    assert load_image(path, short_side=20).mean() == pytest.approx(128, abs=1)


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    torch.manual_seed(0)
    return Eyes(VisionConfig(width=8, size=32, text=16, compact=4)).eval()


def test_what_eyes_see_stands_behind_the_descriptors(tmp_path: Path, eyes: Eyes) -> None:
    Image.fromarray(texture(4, 120, 180)).save(tmp_path / "still.png")
    plain, seen = encode_image(tmp_path / "still.png"), encode_image(tmp_path / "still.png", eyes)
    assert (plain.encoder, seen.encoder) == ("descriptors-v1", "mini-eyes-v1")
    assert seen.vectors.shape == (1, len(DESCRIPTOR_NAMES) + 4 + 2)
    assert np.array_equal(seen.vectors[:, : len(DESCRIPTOR_NAMES)], plain.vectors)


def odd(name: str) -> tuple[Image.Image, Image.Image]:
    """An odd image, and the plain one that it must be seen as."""
    picture = Image.fromarray(texture(7, 60, 90))
    grey = picture.convert("L")
    return {
        "grey": (grey, grey.convert("RGB")),
        "one pixel": (Image.new("RGB", (1, 1), (200, 120, 40)), Image.new("RGB", (64, 64), (200, 120, 40))),
        "CMYK": (picture.convert("CMYK"), picture),
        "16 bits": (Image.fromarray(np.asarray(grey).astype(np.uint16) * 257), grey.convert("RGB")),
        "palette": (picture.quantize(64), picture.quantize(64).convert("RGB")),
        "black and white": (grey.convert("1"), grey.convert("1").convert("RGB")),
    }[name]


@pytest.mark.parametrize("name", ["grey", "one pixel", "CMYK", "16 bits", "palette", "black and white"])
def test_an_odd_image_is_seen_as_the_plain_one(tmp_path: Path, eyes: Eyes, name: str) -> None:
    image, plain = odd(name)
    kind = "JPEG" if name == "CMYK" else "PNG"  # PNG has no CMYK
    image.save(tmp_path / "odd", kind, **({"quality": 100, "subsampling": 0} if kind == "JPEG" else {}))
    plain.save(tmp_path / "plain", "PNG")
    seen, expected = (encode_image(tmp_path / n, eyes).vectors for n in ("odd", "plain"))
    assert np.abs(seen - expected).max() < (0.1 if name == "CMYK" else 0.02)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_seen(tmp_path: Path, eyes: Eyes, kind: str) -> None:
    first, *later = (Image.new("RGB", (40, 40), colour) for colour in ("orange", "black", "blue"))
    options = {"lossless": True} if kind == "WEBP" else {}
    first.save(tmp_path / "moving", kind, save_all=True, append_images=later, duration=80, **options)
    first.save(tmp_path / "first", kind, **options)
    seen, expected = (encode_image(tmp_path / n, eyes).vectors for n in ("moving", "first"))
    assert np.allclose(seen, expected, atol=1e-5)
