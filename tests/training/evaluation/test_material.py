from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.evaluation.material import Material
from training.pieces import load_pieces


def test_clips_are_of_held_out_pieces_only(material: Material) -> None:
    pieces = load_pieces(material.corpus, splits=frozenset({"valid", "test"}))

    assert len(material.clips) == len(pieces) == len(material.held_out)
    assert set(material.clips.captions) <= {p.captions[0] for p in pieces}


def test_some_clips_are_drawn_by_the_seed_with_their_texts(material: Material) -> None:
    clips = material.clips
    by_text = {c: m.tobytes() for c, m in zip(clips.captions, clips.mels, strict=True)}

    few = clips.first(5, seed=1)

    assert len(few) == 5
    assert all(by_text[c] == m.tobytes() for c, m in zip(few.captions, few.mels, strict=True))
    assert few.captions == clips.first(5, seed=1).captions
    assert len(clips.first(999, seed=1)) == len(clips)


def test_points_have_unit_length_and_do_not_depend_on_the_batch(material: Material) -> None:
    clips = material.clips
    one = replace(clips, mels=clips.mels[3:4], chroma=clips.chroma[3:4])

    whole, alone = material.audio_points(clips), material.audio_points(one)

    assert np.linalg.norm(whole, axis=1) == pytest.approx(np.ones(len(clips)), abs=1e-5)
    assert alone[0] == pytest.approx(whole[3], abs=1e-5)


def test_answers_hold_texts_first_then_clips_of_every_training_piece(material: Material) -> None:
    answers = material.answers
    texts = len(answers.captions[0])

    counts = np.diff(answers.offsets)

    assert np.all(counts == texts + 1)
    assert answers.points[:texts] == pytest.approx(material.text_points(answers.captions[0]), abs=1e-5)
    assert len(answers.library) == len(answers.captions) == len(counts)


def test_points_of_the_training_pieces_are_computed_once(material: Material) -> None:
    first = material.answers.points
    again = replace(material)
    (material.corpus / "train" / "mels.npy").rename(material.corpus / "train" / "away.npy")

    try:
        assert np.array_equal(again.answers.points, first)
    finally:
        (material.corpus / "train" / "away.npy").rename(material.corpus / "train" / "mels.npy")


def test_a_corpus_without_clips_is_refused_with_the_way_to_mend_it(material: Material, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"training\.clips"):
        assert replace(material, corpus=tmp_path).clips
