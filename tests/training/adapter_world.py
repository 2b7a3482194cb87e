"""A small world for adapter tests: pieces with random labels whose points are a smooth function of the labels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generators.score.style import STYLES
from training.adapter_data import Answers
from training.moods import Library
from training.pieces import Labels

PER_PIECE = 3


def random_labels(n: int, *, seed: int) -> list[Labels]:
    rng = np.random.default_rng(seed)
    found: list[Labels] = []
    for i in range(n):
        energy, brightness, valence, arousal, mode = rng.random(5).tolist()
        tempo_bpm = 50.0 + 130.0 * float(rng.random())
        found.append(Labels(STYLES[i % len(STYLES)], tempo_bpm, energy, brightness, valence, arousal, mode < 0.5))
    return found


def answers(n: int, *, dim: int = 12, seed: int = 0) -> Answers:
    labels = random_labels(n, seed=seed)
    rng = np.random.default_rng(seed)
    known = np.array([[x.valence - 0.5, x.arousal - 0.5, *np.eye(len(STYLES))[STYLES.index(x.style)]] for x in labels])
    known[:, :2] *= 3.0
    points = np.repeat(np.tanh(known @ rng.standard_normal((known.shape[1], dim))), PER_PIECE, axis=0)
    points += 0.2 * rng.standard_normal(points.shape)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return Answers(
        Library.of(labels),
        tuple((f"{x.style} music", f"{'happy' if x.valence > 0.5 else 'sad'} {x.style}") for x in labels),
        points.astype(np.float32),
        np.arange(n + 1, dtype=np.int64) * PER_PIECE,
    )


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Bags of letters: enough to tell sentences apart without a sentence encoder."""
    rows = np.array([[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])
    out: NDArray[np.float32] = (rows / np.linalg.norm(rows + 1e-6, axis=1, keepdims=True)).astype(np.float32)
    return out
