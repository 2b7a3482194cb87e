"""Agreement with human ratings: exact on known ranks, with an interval that holds the truth and a control at nought."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import spearmanr

from training.affect import RatedPictures, affect_agreement, agreement, read_bass, spearman

RNG = np.random.default_rng(0)


def test_rank_correlation_is_that_of_scipy_also_with_ties() -> None:
    for _ in range(5):
        a, b = RNG.integers(0, 8, (2, 40)).astype(float)
        assert spearman(a, b) == pytest.approx(float(spearmanr(a, b)[0]), abs=1e-12)


def test_rank_correlation_knows_order_only() -> None:
    x = RNG.standard_normal(30)
    assert spearman(x, np.exp(x)) == pytest.approx(1.0)
    assert spearman(x, -(x**3)) == pytest.approx(-1.0)
    assert spearman(x, np.ones(30)) == 0.0


def test_the_interval_holds_the_truth_and_narrows_with_more_pairs() -> None:
    truth = RNG.standard_normal(1600)
    guess = 0.5 * truth + np.sqrt(0.75) * RNG.standard_normal(1600)
    few, many = (agreement(guess[:n], truth[:n]) for n in (100, 1600))
    assert many.low < 0.483 < many.high  # Spearman of a normal pair with r = 0.5: 6 / pi asin(r / 2)
    assert many.high - many.low < 0.5 * (few.high - few.low)
    assert many.low <= many.rho <= many.high


def test_shuffled_ratings_agree_with_nothing() -> None:
    truth = RNG.standard_normal(400)
    found = agreement(truth, truth)
    assert found.rho == pytest.approx(1.0)
    assert abs(found.shuffled) < 0.01
    assert 0.05 < found.shuffled_95 < 0.15


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="2 predictions and 3 ratings"):
        agreement(np.zeros(2), np.zeros(3))


def test_each_affect_is_judged_by_its_own_column() -> None:
    pictures = tuple(np.full((4, 4, 3), level, np.uint8) for level in range(0, 200, 10))
    levels = np.arange(20.0)
    rated = RatedPictures(tuple("x" * 20), pictures, np.stack([levels, -levels], axis=1))
    found = affect_agreement(lambda seen: np.array([(p.mean(), p.mean()) for p in seen]), rated)
    assert found["valence"].rho == pytest.approx(1.0)
    assert found["arousal"].rho == pytest.approx(-1.0)


def write_bass(path: Path, *, table: bool = True) -> Path:
    """Two silhouettes as the archive has them: a table, and pictures in a zip."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as packed:
        for name, colour in (("a.png", (0, 0, 0, 255)), ("b.png", (0, 0, 0, 0))):
            picture = io.BytesIO()
            Image.new("RGBA", (400, 300), colour).save(picture, "PNG")
            packed.writestr(f"images/{name}", picture.getvalue())
    rows = "file_name,val_mean_us,aro_mean_us,val_mean_ch,aro_mean_ch\na.png,2,6,4,8\nb.png,7,3,5,1\nlost.png,1,1,1,1\n"
    with tarfile.open(path, "w") as tar:
        for name, data in (("BASS_images.zip", zipped.getvalue()), ("BASS_data.csv", rows.encode("utf-8-sig"))):
            if table or name != "BASS_data.csv":
                info = tarfile.TarInfo(f"bass/{name}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path


def test_ratings_are_the_mean_of_both_groups_and_pictures_stand_on_white(tmp_path: Path) -> None:
    rated = read_bass(write_bass(tmp_path / "bass.tar"))
    assert rated.names == ("a.png", "b.png")
    assert rated.ratings.tolist() == [[3.0, 7.0], [6.0, 2.0]]
    assert [int(p.mean()) for p in rated.pictures] == [0, 255]
    assert rated.pictures[0].shape == (144, 192, 3)
    assert len(read_bass(tmp_path / "bass.tar", limit=1).names) == 1


def test_an_archive_without_its_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"lacks BASS_data\.csv"):
        read_bass(write_bass(tmp_path / "bass.tar", table=False))
