import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.pictures import SIZE, draw_pictures, paint, read_photos, relight
from training.visual_moods import look_at


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "photos.tar"
    with tarfile.open(path, "w") as tar:
        for i in range(6):
            buffer = io.BytesIO()
            Image.new("L" if i == 0 else "RGB", (60 + i, 40), color=40 * i).save(buffer, "JPEG")
            info = tarfile.TarInfo(f"class/{i}.jpg")
            info.size = len(buffer.getvalue())
            tar.addfile(info, io.BytesIO(buffer.getvalue()))
    return path


def test_photos_are_read_at_one_size_and_chosen_by_the_seed(archive: Path) -> None:
    photos = read_photos(archive, limit=4, seed=0)
    assert [p.rgb.shape for p in photos] == [(SIZE, SIZE, 3)] * 4
    assert {p.shows for p in photos} == {"class"}
    again = read_photos(archive, limit=4, seed=0)
    assert all((a.rgb == b.rgb).all() for a, b in zip(photos, again, strict=True))


def test_a_picture_says_which_photograph_it_shows_and_how_much_of_it(archive: Path) -> None:
    drawn = list(draw_pictures(read_photos(archive, limit=4, seed=0), 40, seed=0))
    assert {p.shows for p in drawn} == {"class", None}
    assert all((p.share == 0.0) == (p.shows is None) for p in drawn)
    assert min(p.share for p in drawn if p.shows) >= 0.2
    assert max(p.share for p in drawn) > 0.95


def test_pictures_are_the_same_for_a_seed_and_differ_within_it() -> None:
    first, again = ([p.rgb for p in draw_pictures([], 5, seed=2)] for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert not (first[0] == first[1]).all()
    assert first[0].dtype == np.uint8


def test_relighting_spans_day_and_night_pale_and_gaudy() -> None:
    image = paint(np.random.default_rng(4))
    looks = [look_at((255 * relight(image, np.random.default_rng(i))).astype(np.uint8)) for i in range(60)]
    brightness, saturation = [x.brightness for x in looks], [x.saturation for x in looks]
    assert max(brightness) - min(brightness) > 0.4
    assert max(saturation) > 2 * min(saturation)


def test_paint_and_light_stay_in_range() -> None:
    for i in range(20):
        rng = np.random.default_rng(i)
        image = relight(paint(rng), rng)
        assert image.min() >= 0.0
        assert image.max() <= 1.0
