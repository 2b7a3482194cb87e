"""Texts as sets of clauses: every distinct string goes through the sentence encoder once, and is kept on disk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from encoders.story import DIMENSION, encode_sentences, split_clauses

CLAUSES = 16  # that training looks at
_BLOCK = 512


@dataclass(frozen=True)
class Texts:
    """`vectors` [U 384] of distinct strings; each of N texts as a row: the whole, then CLAUSES clauses or -1."""

    vectors: NDArray[np.float16]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, texts: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
        """What the text tower reads of some texts [B]: whole [B 384], clauses [B K 384], there [B K]."""
        rows = self.rows[texts]
        there = rows[:, 1:] >= 0
        width = max(1, int(there.sum(axis=1).max()))
        rows, there = rows[:, : width + 1], there[:, :width]
        found = torch.from_numpy(self.vectors[np.maximum(rows, 0)].astype(np.float32))
        return found[:, 0], found[:, 1:], torch.from_numpy(there)


def read_texts(texts: Sequence[str], cache: Path) -> Texts:
    """Split and encode texts; a string that `cache` (.npy, its strings beside it in .json) knows is not read again."""
    split = [[text, *(split_clauses(text) or [text])[:CLAUSES]] for text in texts]
    known: list[str] = json.loads(cache.with_suffix(".json").read_text()) if cache.exists() else []
    vectors = np.load(cache) if cache.exists() else np.zeros((0, DIMENSION), np.float16)
    fresh = sorted({s for row in split for s in row} - set(known), key=lambda s: (len(s), s))
    if fresh:
        vectors = np.concatenate([vectors, _encoded(fresh)])
        known += fresh
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, vectors)
        cache.with_suffix(".json").write_text(json.dumps(known))
    number = {s: i for i, s in enumerate(known)}
    rows = np.full((len(split), 1 + CLAUSES), -1, dtype=np.int64)
    for i, row in enumerate(split):
        rows[i, : len(row)] = [number[s] for s in row]
    return Texts(vectors, rows)


def _encoded(strings: list[str]) -> NDArray[np.float16]:
    blocks = [strings[i : i + _BLOCK] for i in range(0, len(strings), _BLOCK)]
    return np.concatenate([encode_sentences(b).astype(np.float16) for b in tqdm(blocks, mininterval=20.0)])
