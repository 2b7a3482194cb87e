"""The music CLAP learns from clips and what is said of them; here in small, on the real captions of a few pieces."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from encoders.clap import ClapConfig, ClapNet
from generators.flow.checkpoint import load_module
from generators.score.style import STYLES
from training import clap
from training.build import arranged_pieces
from training.clap import ClapData, attribute_loss, contrast, evaluate, load_data, told, train, write_points
from training.pieces import save_pieces
from training.presets import CLAP

PIECES = 20


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces of the arranger, one in five held out, with made-up clips; each piece sounds in its own mel band."""
    folder = tmp_path_factory.mktemp("corpus")
    pieces = [
        replace(p, split="valid" if i % 5 == 4 else "train") for i, p in enumerate(arranged_pieces(PIECES, seed=1))
    ]
    save_pieces(folder, pieces)
    rng = np.random.default_rng(0)
    for split in ("train", "valid"):
        (folder / split).mkdir()
        count = sum(p.split == split for p in pieces)
        mels = rng.standard_normal((count, 64, 215)).astype(np.float16)
        np.save(folder / split / "mels.npy", mels)
        np.save(folder / split / "chroma.npy", rng.dirichlet(np.ones(12), count).astype(np.float32))
        np.save(folder / split / "mel_piece.npy", np.arange(count))
        said = [f"Clip {i}, in {'major' if i % 2 else 'minor'}, {60 + i} bpm." for i in range(count)]
        (folder / split / "clip_captions.json").write_text(json.dumps(said))
    return folder


@pytest.fixture(scope="module")
def data(corpus: Path) -> ClapData:
    return load_data(corpus, ["train", "valid"])


def test_splits_are_joined_with_their_clips_captions_and_descriptions(corpus: Path, data: ClapData) -> None:
    alone = load_data(corpus, ["valid"])

    assert len(data.targets) == PIECES
    assert [r.tolist() for r in data.rows_of()] == [[i] for i in range(PIECES)]
    last = data.described(np.array([PIECES - 1]))
    assert torch.equal(data.texts.take(last)[0], alone.texts.take(alone.described(np.array([3])))[0])


def test_what_is_told_has_at_least_one_clause_and_sometimes_not_the_whole(data: ClapData) -> None:
    clips = np.arange(PIECES)

    whole, _, there = told(data, np.repeat(clips, 10), np.random.default_rng(0))

    assert bool(there.any(1).all())
    hidden = (whole == 0).all(1).float().mean()
    assert 0.0 < float(hidden) < 0.6


def test_contrast_is_least_where_pairs_agree() -> None:
    points = torch.nn.functional.normalize(torch.randn(8, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    scale = torch.tensor(20.0)

    assert contrast(points, points, scale) < 0.1 < contrast(points, points.roll(1, 0), scale)


def test_the_attribute_loss_is_least_at_the_truth() -> None:
    target = torch.tensor([[0.2, 0.4, 0.6, 0.8, 0.5, 1.0, 3.0]])
    styles = torch.nn.functional.one_hot(torch.tensor([3]), len(STYLES)).float() * 20.0
    true = torch.cat([target[:, :5], torch.tensor([[20.0]]), styles], dim=1)

    assert attribute_loss(true, target) < 1e-3 < attribute_loss(true.roll(1, 1), target)


class _Same(ClapNet):
    """Towers that put a clip and its description at the same point, or at the next clip's."""

    def __init__(self, turn: int) -> None:
        super().__init__(ClapConfig(dim=PIECES, width=16, styles=len(STYLES)))
        self.turn = turn


@pytest.mark.parametrize(("turn", "first"), [(0, 1.0), (1, 0.0)])
def test_retrieval_counts_how_many_come_before_the_true_one(
    data: ClapData, monkeypatch: pytest.MonkeyPatch, turn: int, first: float
) -> None:
    eye = torch.eye(PIECES)
    monkeypatch.setattr(clap, "embed_clips", lambda *_: eye)
    monkeypatch.setattr(clap, "embed_texts", lambda *_: eye.roll(turn, 0))

    figures = evaluate(_Same(turn), data)

    assert figures["pieces"] == PIECES
    assert figures["text_to_audio_r1"] == figures["audio_to_text_r1"] == first
    assert figures["text_to_audio_r10"] >= figures["text_to_audio_r5"] >= first


def test_training_writes_weights_and_points_of_every_piece(corpus: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    train_data, held_out = load_data(corpus, ["train"]), load_data(corpus, ["valid"])

    net = train(train_data, held_out, tmp_path, CLAP["tiny"])
    write_points(net, corpus, "valid")

    loaded = load_module(tmp_path / "clap.safetensors", ClapNet, ClapConfig)
    assert loaded.config.dim == 16
    points, offsets = np.load(corpus / "valid" / "clap.npy"), np.load(corpus / "valid" / "clap_offsets.npy")
    assert offsets.tolist() == list(range(0, 6 * len(held_out.targets) + 1, 6))  # four captions, a clip, a description
    assert np.allclose(np.linalg.norm(points.astype(np.float32), axis=1), 1.0, atol=1e-2)
    assert "text_to_audio_r10" in json.loads((tmp_path / "metrics.json").read_text())
