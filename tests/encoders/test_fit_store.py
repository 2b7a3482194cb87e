import stat
from pathlib import Path

import numpy as np
import pytest

from encoders.fit import TextFit
from encoders.fit_store import fit_key, fit_path, kept, read_fit, write_fit

KEY = fit_key(checkpoint="a" * 64, bundle="b" * 64, sentences=("one", "two"))


def some_fit(seed: int = 0) -> TextFit:
    rng = np.random.default_rng(seed)
    return TextFit(*(rng.standard_normal(shape).astype(np.float32) for shape in ((6,), (6, 4), (4,))))


class Maker:
    """Counts how often a fit is made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> TextFit:
        self.made += 1
        return some_fit()


def same(a: TextFit, b: TextFit) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in TextFit.__dataclass_fields__)


def test_a_fit_is_made_once_and_comes_back_to_the_bit(tmp_path: Path) -> None:
    make = Maker()
    folder = tmp_path / "not" / "there"
    assert same(kept(folder, KEY, make), kept(folder, KEY, make))
    assert make.made == 1
    assert [p.name for p in folder.iterdir()] == [fit_path(folder, KEY).name]


@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_damaged_fit_is_made_again_and_mended(tmp_path: Path, at: int) -> None:
    make = Maker()
    path = fit_path(tmp_path, KEY)
    kept(tmp_path, KEY, make)
    data = bytearray(path.read_bytes())
    data[at] ^= 0x01
    path.write_bytes(data)
    assert same(kept(tmp_path, KEY, make), some_fit())
    assert make.made == 2
    assert read_fit(path, KEY) is not None


def test_a_fit_cut_short_or_of_another_key_is_not_taken(tmp_path: Path) -> None:
    path = fit_path(tmp_path, KEY)
    write_fit(path, KEY, some_fit())
    assert read_fit(path, "another") is None
    path.write_bytes(path.read_bytes()[:-8])
    assert read_fit(path, KEY) is None
    assert read_fit(tmp_path / "absent.safetensors", KEY) is None


def test_a_folder_that_cannot_be_written_costs_the_keeping_and_not_the_fit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    make = Maker()
    assert same(kept(blocked / "cache", KEY, make), some_fit())
    assert "cannot be written" in caplog.text
    kept(blocked / "cache", KEY, make)
    assert make.made == 2


def test_nothing_half_written_is_left_where_a_fit_cannot_be_put(tmp_path: Path) -> None:
    fit_path(tmp_path, KEY).mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_fit(fit_path(tmp_path, KEY), KEY, some_fit())
    assert [p.is_dir() for p in tmp_path.iterdir()] == [True]


def test_only_its_owner_reads_a_fit(tmp_path: Path) -> None:
    write_fit(fit_path(tmp_path, KEY), KEY, some_fit())
    assert stat.S_IMODE(fit_path(tmp_path, KEY).stat().st_mode) == 0o600


def test_another_checkpoint_bundle_or_bank_is_another_key() -> None:
    others = {
        fit_key(checkpoint="c" * 64, bundle="b" * 64, sentences=("one", "two")),
        fit_key(checkpoint="a" * 64, bundle="c" * 64, sentences=("one", "two")),
        fit_key(checkpoint="a" * 64, bundle="b" * 64, sentences=("one", "three")),
        fit_key(checkpoint="a" * 64, bundle="b" * 64, sentences=("two", "one")),
        KEY,
    }
    assert len(others) == 5
