import json
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.clap import Clap, ClapConfig, ClapNet
from encoders.story import split_clauses
from tests.training.evaluation.world import letters
from training.evaluation import points
from training.evaluation.points import clip_points, sentence_vectors, text_points

TEXTS = ["slow music", "fast music", "slow music", "a much longer text about music"]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every string that the sentence encoder had to read."""
    found: list[str] = []

    def encode(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        found.extend(texts)
        return letters(texts)

    monkeypatch.setattr(points, "encode_sentences", encode)
    return found


def test_vectors_come_in_the_order_of_the_texts_and_each_is_read_once(read: list[str], tmp_path: Path) -> None:
    found = sentence_vectors(TEXTS, tmp_path / "none.npy")

    assert found == pytest.approx(letters(TEXTS))
    assert sorted(read) == sorted(set(TEXTS))


def test_what_is_known_is_looked_up(read: list[str], tmp_path: Path) -> None:
    known = tmp_path / "texts.npy"
    np.save(known, np.stack([np.full(384, i, np.float16) for i in (1, 2)]))
    known.with_suffix(".json").write_text(json.dumps(["fast music", "slow music"]))

    found = sentence_vectors(TEXTS, known)

    assert found[:3, 0].tolist() == [2.0, 1.0, 2.0]
    assert read == [TEXTS[3]]


@pytest.fixture(scope="module")
def net() -> ClapNet:
    torch.manual_seed(0)
    return ClapNet(ClapConfig(dim=16, width=8)).eval()


def test_a_text_lies_where_the_product_puts_it(read: list[str], net: ClapNet, tmp_path: Path) -> None:
    texts = ["slow jazz, piano chords, in a minor key", "fast house"]

    found = text_points(net, texts, tmp_path / "none.npy")

    for text, point in zip(texts, found, strict=True):
        asked = Clap(net, []).embed_text(letters([text, *split_clauses(text)]))
        assert point == pytest.approx(asked, abs=5e-3)
    assert "piano chords" in read


def test_a_clip_lies_where_it_does_alone_and_its_pitch_classes_count(net: ClapNet) -> None:
    rng = np.random.default_rng(0)
    mels = rng.standard_normal((150, 64, 40)).astype(np.float16)
    chroma = rng.dirichlet(np.ones(12), 150).astype(np.float32)

    found = clip_points(net, mels, chroma)

    assert found.shape == (150, 16)
    assert clip_points(net, mels[140:141], chroma[140:141])[0] == pytest.approx(found[140], abs=1e-5)
    assert not np.allclose(clip_points(net, mels[:2], chroma[2:4]), found[:2], atol=1e-4)
