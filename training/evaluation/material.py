"""What all questions share: a bundle, its CLAP points, the held-out clips, and the product that makes music."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoders.clap import ClapConfig, ClapNet
from generators.flow.checkpoint import load_module
from training.adapter_data import Answers
from training.evaluation.points import Points, clip_points, text_points
from training.evaluation.product import Product
from training.moods import Library
from training.pieces import Labels, Piece, load_pieces

HELD_OUT = ("valid", "test")
TEXTS = "texts.npy"  # in the corpus: sentence vectors of all that is said of its pieces, left by training


@dataclass(frozen=True)
class Amounts:
    """How many of everything; `seconds` of every piece that is made for a sentence or a picture."""

    sentences: int = 128
    pictures: int = 60
    seconds: float = 12.0
    written: int = 40
    members: int = 240
    step_pieces: int = 16
    train_clips: int = 2000


@dataclass(frozen=True)
class Clips:
    """Held-out clips: log-mels [M 64 F], pitch classes [M 12], labels, texts [M]; `what` says what texts these are."""

    mels: NDArray[np.float16]
    chroma: NDArray[np.float32]
    labels: tuple[Labels, ...]
    captions: tuple[str, ...]
    what: str

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int, *, seed: int) -> "Clips":
        """`count` of them at random; all where there are not so many."""
        rows = np.sort(np.random.default_rng(seed).permutation(len(self))[:count])
        labels, captions = tuple(self.labels[i] for i in rows), tuple(self.captions[i] for i in rows)
        return Clips(self.mels[rows], self.chroma[rows], labels, captions, self.what)


@dataclass(frozen=True)
class Material:
    """`cache` keeps what is costly, one folder a bundle; `pictures` is a tar of rated pictures, if there is one."""

    bundle: Path
    corpus: Path
    cache: Path
    product: Product
    amounts: Amounts = field(default_factory=Amounts)
    tagger: Path | None = None
    pictures: Path | None = None
    seed: int = 0

    @cached_property
    def net(self) -> ClapNet:
        """The bundle's CLAP."""
        return load_module(self.bundle / "clap.safetensors", ClapNet, ClapConfig)

    @cached_property
    def held_out(self) -> list[Piece]:
        """Pieces that nothing was trained on."""
        return load_pieces(self.corpus, splits=frozenset(HELD_OUT))

    @cached_property
    def clips(self) -> Clips:
        """Every clip of the held-out splits, a piece's first only."""
        parts = [_clips_of(self.corpus, split) for split in HELD_OUT if (self.corpus / split / "mels.npy").exists()]
        if not parts:
            raise FileNotFoundError(f"{self.corpus} has no clips of held-out pieces; run training.clips first")
        return Clips(
            np.concatenate([p.mels for p in parts]),
            np.concatenate([p.chroma for p in parts]),
            tuple(x for p in parts for x in p.labels),
            tuple(c for p in parts for c in p.captions),
            parts[0].what,
        )

    @cached_property
    def answers(self) -> Answers:
        """Labels, captions and this bundle's points of the training pieces: of their captions and of their clips."""
        pieces = load_pieces(self.corpus, splits=frozenset({"train"}))
        points, offsets = self._train_points(pieces)
        return Answers(Library.of([p.labels for p in pieces]), tuple(p.captions for p in pieces), points, offsets)

    def text_points(self, texts: Sequence[str]) -> Points:
        """Unit vectors [S D] of texts, each read as a caption."""
        return text_points(self.net, texts, self.corpus / TEXTS)

    def audio_points(self, clips: Clips) -> Points:
        """Unit vectors [M D] of clips."""
        return clip_points(self.net, clips.mels, clips.chroma)

    @torch.inference_mode()
    def read(self, points: Points) -> NDArray[np.float64]:
        """What the attribute head makes of points: [S 6 + styles], levels in 0..1, then logits."""
        return np.asarray(self.net.attributes(torch.from_numpy(points)).numpy(), np.float64)

    def _train_points(self, pieces: list[Piece]) -> tuple[Points, NDArray[np.int64]]:
        cached = self.cache / "train_points.npz"
        if not cached.exists():
            told = self.text_points([c for p in pieces for c in p.captions])
            text = np.split(told, np.cumsum([len(p.captions) for p in pieces])[:-1])
            audio = self._train_audio(len(pieces))
            rows = [np.concatenate([t, audio[i]]) if i in audio else t for i, t in enumerate(text)]
            self.cache.mkdir(parents=True, exist_ok=True)
            np.savez(cached, points=np.concatenate(rows), offsets=np.cumsum([0, *(len(r) for r in rows)]))
        with np.load(cached) as found:
            return found["points"].astype(np.float32), found["offsets"].astype(np.int64)

    def _train_audio(self, pieces: int) -> dict[int, Points]:
        folder = self.corpus / "train"
        if not (folder / "mels.npy").exists():
            return {}
        of = np.load(folder / "mel_piece.npy")[: self.amounts.train_clips]  # clips are in random order
        chroma = _chroma(folder, len(of))[: len(of)]
        points = clip_points(self.net, np.load(folder / "mels.npy", mmap_mode="r")[: len(of)], chroma)
        return {int(p): points[of == p] for p in np.unique(of) if p < pieces}


def _clips_of(corpus: Path, split: str) -> Clips:
    """A split's first clip of each piece, with the clip's description or else the piece's last caption."""
    folder = corpus / split
    pieces = load_pieces(corpus, splits=frozenset({split}))
    of, rows = np.unique(np.load(folder / "mel_piece.npy"), return_index=True)
    described = folder / "clip_captions.json"
    if described.exists():
        texts: list[str] = json.loads(described.read_text())
        captions, what = tuple(texts[i] for i in rows), "a full description of what is heard in it"
    else:
        captions, what = tuple(pieces[p].captions[-1] for p in of), "one of its captions"
    mels = np.asarray(np.load(folder / "mels.npy", mmap_mode="r")[rows])
    chroma = _chroma(folder, int(rows.max()) + 1)[rows]
    return Clips(mels, chroma, tuple(pieces[p].labels for p in of), captions, what)


def _chroma(folder: Path, clips: int) -> NDArray[np.float32]:
    """Pitch classes [M 12] that were rendered with the clips; zeros where a corpus has none."""
    path = folder / "chroma.npy"
    return np.load(path).astype(np.float32) if path.exists() else np.zeros((clips, 12), np.float32)
