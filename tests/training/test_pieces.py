"""Pieces come back from disk as they were."""

from dataclasses import replace
from pathlib import Path

from training.build import ARRANGED_SPLITS, arranged_pieces
from training.pieces import labels_of, load_heads, load_pieces, save_pieces


def test_pieces_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    pieces = list(arranged_pieces(6, seed=3))

    assert save_pieces(tmp_path, pieces) == 6
    back = load_pieces(tmp_path)

    for old, new in zip(pieces, back, strict=True):
        assert new.score.validate().chords == old.score.chords
        assert {r: n for r, n in new.score.parts.items() if n} == {
            r: tuple(sorted(n)) for r, n in old.score.parts.items() if n
        }
        assert new.labels == old.labels
        assert new.captions == old.captions
        assert new.score.sections == old.score.sections


def test_only_the_asked_splits_are_read(tmp_path: Path) -> None:
    (piece,) = arranged_pieces(1, seed=0)
    pieces = [replace(piece, split=split) for split in ("train", "valid", "train", "test")]
    save_pieces(tmp_path, pieces)

    held_out = load_pieces(tmp_path, splits=frozenset({"valid", "test"}))

    assert [p.split for p in held_out] == ["valid", "test"]


def test_heads_tell_of_pieces_without_their_notes_and_rows_choose_pieces(tmp_path: Path) -> None:
    pieces = list(arranged_pieces(4, seed=1))
    save_pieces(tmp_path, pieces)

    heads = load_heads(tmp_path)

    assert [labels_of(h) for h in heads] == [p.labels for p in pieces]
    assert load_pieces(tmp_path, rows=[3, 1]) == [load_pieces(tmp_path)[i] for i in (3, 1)]


def test_arranged_pieces_go_to_every_split_and_mostly_to_training() -> None:
    assert set(ARRANGED_SPLITS) == {"train", "valid", "test"}
    assert ARRANGED_SPLITS.count("train") > 0.8 * len(ARRANGED_SPLITS)
