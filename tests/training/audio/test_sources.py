"""Which sound a stage hears."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from tests.training.audio.recorded import CLIP_S, music, write
from training.audio.recordings import BadRecordings
from training.audio.sources import sources


def _args(tmp_path: Path, audio: Path | None) -> argparse.Namespace:
    return argparse.Namespace(pool=tmp_path / "pool", audio=audio, aligned=tmp_path / "aligned")


def _pool(folder: Path, level: int) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "clips.npy", np.full((1, 2, 4096), level, np.int16))
    (folder / "index.json").write_text('[{"piece": 0, "seed": 0, "start_s": 0.0}]')


def test_the_pool_is_heard_where_no_folder_is_given(tmp_path: Path) -> None:
    _pool(tmp_path / "pool" / "train", 1000)
    _pool(tmp_path / "pool" / "valid", 2000)

    train, valid = sources(_args(tmp_path, None))

    draws = [round(float(s.draw(100, np.random.default_rng(0)).mean()) * 32_767) for s in (train, valid)]
    assert draws == [1000, 2000]


def test_a_folder_is_cut_once_and_then_read(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write(folder / "a.wav", music(CLIP_S))
    first, _ = sources(_args(tmp_path, folder))
    (folder / "a.wav").unlink()

    again, held_out = sources(_args(tmp_path, folder))

    stretches = [s.draw(500, np.random.default_rng(0)) for s in (first, again, held_out)]
    assert np.array_equal(stretches[0], stretches[1])
    assert np.array_equal(stretches[0], stretches[2])  # a single recording is measured on as well


def test_folders_of_one_name_are_kept_apart_and_one_with_nothing_in_it_is_refused_again(tmp_path: Path) -> None:
    for n in range(2):
        write(tmp_path / str(n) / "music" / "a.wav", music(CLIP_S, seed=n))
    write(tmp_path / "2" / "music" / "a.wav", music(CLIP_S, level=0.0))

    first, second = (sources(_args(tmp_path, tmp_path / str(n) / "music"))[0] for n in range(2))

    one, other = (s.draw(500, np.random.default_rng(0)) for s in (first, second))
    assert not np.array_equal(one, other)
    for _ in range(2):
        with pytest.raises(BadRecordings, match="1 silent"):
            sources(_args(tmp_path, tmp_path / "2" / "music"))


def test_aligned_clips_are_heard_too_where_there_are_any(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        _pool(tmp_path / "pool" / split, 1000)
    (tmp_path / "aligned" / "train").mkdir(parents=True)
    for n in range(3):
        mix, stem = (np.full((2, 4096), level, np.int16) for level in (2000, 3000))
        np.savez(tmp_path / "aligned" / "train" / f"{n}.npz", mix=mix, stem=stem)

    train, _ = sources(_args(tmp_path, None))

    rng = np.random.default_rng(0)
    levels = [round(float(train.draw(100, rng).mean()) * 32_767) for _ in range(400)]
    shares = [levels.count(level) / 400 for level in (1000, 2000, 3000)]
    assert np.allclose(shares, [0.25, 0.75 * 0.7, 0.75 * 0.3], atol=0.07)
