"""Laws of timbres: levels age from spectrum to spectrum and then go on, and a file gives back what was written."""

from pathlib import Path

import numpy as np
import pytest

from generators.audio.timbre import AGES_S, CENTRES_S, LOWEST_DB, STEP_DB, Timbre, load_timbres, save_timbres
from generators.errors import BadWeights

BANDS = 5


def plucked() -> Timbre:
    """Three keys from 60, each 10 dB louder than the last, that lose 6 dB from the third to the fourth age."""
    falls_db = np.array([0.0, -2.0, -3.0, -9.0])[None, :, None]
    keys_db = np.array([-30.0, -20.0, -10.0])[:, None, None]
    return timbre((keys_db + falls_db + np.zeros((3, len(AGES_S), BANDS))).astype(np.float32))


def timbre(levels_db: np.ndarray, *, lowest: int = 60, release_s: float = 0.3, pitched: bool = True) -> Timbre:
    """One whose sides are 12 dB below its middle."""
    return Timbre(levels_db, np.full(BANDS, -12.0, np.float32), lowest, release_s, pitched)


def test_at_the_middle_of_an_age_it_is_the_mean_of_that_age() -> None:
    levels_db = plucked().aged(61, np.array(CENTRES_S))

    assert levels_db == pytest.approx(plucked().levels_db[1])


def test_an_old_note_fades_at_its_last_pace_and_never_grows() -> None:
    pace = -6.0 / (CENTRES_S[-1] - CENTRES_S[-2])
    ages_s = np.linspace(CENTRES_S[-1], 4.0, 20)

    levels_db = plucked().aged(62, ages_s)
    swelling = timbre(plucked().levels_db[:, ::-1].copy()).aged(62, ages_s)

    assert levels_db[:, 0] == pytest.approx(np.maximum(-19.0 + pace * (ages_s - CENTRES_S[-1]), LOWEST_DB), abs=1e-3)
    assert np.ptp(swelling) == pytest.approx(0.0, abs=1e-4)


def test_keys_beyond_its_range_are_the_nearest() -> None:
    low, lowest = (plucked().aged(key, np.array([0.2])) for key in (20, 60))

    assert np.array_equal(low, lowest)
    assert plucked().highest == 62


def test_a_file_holds_levels_to_half_a_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    levels_db = rng.uniform(LOWEST_DB, 10.0, (4, len(AGES_S), BANDS)).astype(np.float32)
    kit = timbre(levels_db, lowest=33, release_s=1.25, pitched=False)
    save_timbres(tmp_path / "timbres.safetensors", {"kit": kit, "harp": plucked()})

    back = load_timbres(tmp_path / "timbres.safetensors")

    assert back.keys() == {"kit", "harp"}
    assert np.abs(back["kit"].levels_db - levels_db).max() <= 0.5 * STEP_DB + 1e-4
    assert np.array_equal(back["kit"].side_db, kit.side_db)
    assert (back["kit"].lowest, back["kit"].release_s, back["kit"].pitched) == (33, 1.25, False)
    assert back["harp"].pitched


@pytest.mark.parametrize("content", [None, b"", b"not weights at all"])
def test_a_file_that_is_missing_or_damaged_is_said_to_be(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "timbres.safetensors"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BadWeights, match="timbres"):
        load_timbres(path)
