"""Rendered clips: ten seconds that sound, with what is true of them beside them."""

import json
from pathlib import Path

import numpy as np
import pytest

from encoders.mel import BANDS
from generators.render.bank import NoteBank
from generators.render.render import load_bank
from training.build import arranged_pieces
from training.clips import bars_between, make_clips, render_clip
from training.pieces import Piece, save_pieces


@pytest.fixture(scope="module")
def bank() -> NoteBank:
    return load_bank(Path("weights/tonereel-mini/instruments"))


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return list(arranged_pieces(3, seed=5))


def test_a_clip_sounds_and_the_same_seed_gives_the_same(bank: NoteBank, pieces: list[Piece]) -> None:
    first, again = (render_clip(pieces[0], bank, seed=3) for _ in range(2))

    assert first is not None
    assert again is not None
    assert first.mel.shape[0] == BANDS
    assert first.mel.std() > 0.1
    assert first.chroma.sum() == pytest.approx(1.0, abs=1e-4)
    assert np.array_equal(first.mel, again.mel)
    assert first.caption == again.caption


def test_a_clean_clip_is_not_degraded(bank: NoteBank, pieces: list[Piece]) -> None:
    seeds = range(6)

    changed = [
        not np.array_equal(a.mel, b.mel)
        for s in seeds
        if (a := render_clip(pieces[0], bank, seed=s)) and (b := render_clip(pieces[0], bank, seed=s, clean=True))
    ]

    assert any(changed)


def test_bars_of_a_stretch_lie_in_the_piece(pieces: list[Piece]) -> None:
    score = pieces[0].score

    first, last = bars_between(score, 0.5 * score.duration_s, 0.5 * score.duration_s + 10.0)

    assert 0 <= first < last <= score.bars
    assert first == score.bars // 2


def test_files_of_a_split_belong_together(bank: NoteBank, pieces: list[Piece], tmp_path: Path) -> None:
    save_pieces(tmp_path, pieces)

    count = make_clips(tmp_path, "train", bank, clips=2, seed=0)

    folder = tmp_path / "train"
    mels, of = np.load(folder / "mels.npy"), np.load(folder / "mel_piece.npy")
    palettes, captions = (json.loads((folder / f).read_text()) for f in ("mel_palette.json", "clip_captions.json"))
    assert count == len(mels) == len(of) == len(palettes) == len(captions) == 2
    assert np.load(folder / "chroma.npy").shape == (2, 12)
    assert len(set(of.tolist())) == 2
