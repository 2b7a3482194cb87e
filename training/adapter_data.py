"""What adapters learn from: features of scenes and pictures, each with pieces whose CLAP points answer it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoders.errors import BadEncoderWeights
from generators.score.style import Style
from training.moods import Library, Mood, draw_pieces
from training.pieces import Header, Labels

POOL = 48  # pieces drawn for each row once; training draws from them

Embed = Callable[[Sequence[str]], NDArray[np.float32]]  # sentences -> vectors [S F]


@dataclass(frozen=True)
class Answers:
    """The pieces that can answer: labels [P], captions, and CLAP points [N D], those of piece p at offsets[p]:[p+1]."""

    library: Library
    captions: tuple[tuple[str, ...], ...]
    points: NDArray[np.float32]
    offsets: NDArray[np.int64]

    def one_point(self, pieces: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float32]:
        """A random point of each piece [B] -> [B D]."""
        first, last = self.offsets[pieces], self.offsets[pieces + 1]
        return self.points[first + (rng.random(len(pieces)) * (last - first)).astype(np.int64)]

    @property
    def means(self) -> NDArray[np.float32]:
        """The mean direction of each piece's points [P D]."""
        rows = np.stack([self.points[a:b].mean(axis=0) for a, b in pairwise(self.offsets)])
        out: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return out


@dataclass(frozen=True)
class Examples:
    """Features [M F] of scenes or pictures, their moods, and for each a pool of answering pieces [M K]."""

    features: Tensor
    moods: tuple[Mood, ...]
    pool: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.moods)

    def draw(self, n: int, answers: Answers, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """`n` random pairs: features [n F] and CLAP points [n D]."""
        rows = rng.integers(0, len(self), n)
        pieces = self.pool[rows, rng.integers(0, self.pool.shape[1], n)]
        return self.features[torch.from_numpy(rows)], torch.from_numpy(answers.one_point(pieces, rng))


def load_answers(corpus: Path, *, split: str = "train") -> Answers:
    """Labels of a corpus and the CLAP points that training.clap left in `<corpus>/<split>`.

    Raises:
        BadEncoderWeights: there are no points, or not for these pieces.
    """
    folder = corpus / split
    if not (folder / "clap.npy").exists():
        raise BadEncoderWeights(f"{folder / 'clap.npy'} is missing; run training.clap first")
    with (corpus / "pieces.jsonl").open() as file:
        heads: list[Header] = [h for h in map(json.loads, file) if h["split"] == split]
    offsets = np.load(folder / "clap_offsets.npy").astype(np.int64)
    if len(offsets) != len(heads) + 1:
        raise BadEncoderWeights(f"{folder} has points for {len(offsets) - 1} pieces, not {len(heads)}; embed again")
    return Answers(
        Library.of([_labels(h) for h in heads]),
        tuple(tuple(h["captions"]) for h in heads),
        np.load(folder / "clap.npy").astype(np.float32),
        offsets,
    )


def examples(features: NDArray[np.float32], moods: Sequence[Mood], library: Library, *, seed: int) -> Examples:
    """Rows with a pool of pieces for each mood."""
    pool = draw_pieces(moods, library, POOL, seed=seed)
    return Examples(torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32)), tuple(moods), pool)


def caption_examples(embed: Embed, answers: Answers, n: int, *, seed: int) -> Examples:
    """Captions as scenes whose only answer is their own piece: words of music mean themselves."""
    rng = np.random.default_rng(seed)
    pieces = rng.integers(0, len(answers.library), n)
    texts = [answers.captions[p][int(rng.integers(len(answers.captions[p])))] for p in pieces]
    library = answers.library
    moods = tuple(Mood(float(library.valence[p]), float(library.arousal[p])) for p in pieces)
    return Examples(torch.from_numpy(embed(texts)), moods, np.repeat(pieces[:, None], POOL, axis=1))


def joined(a: Examples, b: Examples) -> Examples:
    """The rows of both."""
    return Examples(torch.cat([a.features, b.features]), a.moods + b.moods, np.concatenate([a.pool, b.pool]))


def _labels(head: Header) -> Labels:
    style, tempo_bpm, energy, brightness, valence, arousal, major = head["labels"]
    return Labels(Style(style), tempo_bpm, energy, brightness, valence, arousal, major > 0.5)
