"""Texts as clauses: what is cached, what is taken."""

import json
from pathlib import Path

import numpy as np

from encoders.story import DIMENSION, encode_sentences
from training.texts import CLAUSES, read_texts

TEXTS = ["Calm piano, in 4/4, at 90 bpm.", "calm", "Fast drums; loud."]


def test_a_text_is_its_whole_and_its_clauses(tmp_path: Path) -> None:
    texts = read_texts(TEXTS, tmp_path / "texts.npy")

    whole, clauses, there = texts.take(np.arange(3))

    assert whole.shape == (3, DIMENSION)
    assert there.sum(1).tolist() == [3, 1, 2]
    expected = encode_sentences(["Calm piano", "in 4/4", "at 90 bpm"])
    assert np.abs(clauses[0, :3].numpy() - expected).max() < 2e-3


def test_a_string_that_is_known_is_not_read_again(tmp_path: Path) -> None:
    cache = tmp_path / "texts.npy"
    read_texts(TEXTS[:2], cache)
    marked = np.load(cache)
    marked[:] = 7.0
    np.save(cache, marked)

    texts = read_texts(TEXTS, cache)

    known = len(marked)
    assert (texts.vectors[:known] == 7.0).all()
    assert not (texts.vectors[known:] == 7.0).any()
    assert len(json.loads(cache.with_suffix(".json").read_text())) == len(texts.vectors)


def test_long_texts_are_cut_at_so_many_clauses(tmp_path: Path) -> None:
    texts = read_texts([", ".join(f"word {i}" for i in range(40))], tmp_path / "texts.npy")

    assert texts.take(np.zeros(1, np.int64))[2].sum() == CLAUSES
