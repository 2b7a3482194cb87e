"""How well an adapter's points answer held-out scenes, and whether they collapse to the mean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.score.style import STYLES
from training.adapter_data import Answers, Examples

DRAWS = 4
NEIGHBOURS = 15
CLEAR = 0.15  # valence or arousal this far from the middle has a sign

Sampler = Callable[[Tensor, int], Tensor]  # (features [M F], seed) -> unit vectors [M D]


@dataclass(frozen=True, slots=True)
class AdapterMetrics:
    """All on held-out rows.

    cosine_match, cosine_shuffled: to points of pieces that answer the row, and that answer another row.
    style_hit: the style most common among neighbours is one that the mood lists; valence_sign, arousal_sign: the
    neighbours lie on the right side of the middle; style_chance: style_hit of a random piece.
    mean_norm: length of the mean of all points (1: collapsed to one direction), true_norm: of the true points.
    energy_distance: between all points and all true points (Székely and Rizzo 2013), 0 if equally distributed.
    energy_score: per row, draws against a true point (Gneiting and Raftery 2007), lower is better, proper.
    """

    cosine_match: float
    cosine_shuffled: float
    style_hit: float
    style_chance: float
    valence_sign: float
    arousal_sign: float
    mean_norm: float
    true_norm: float
    energy_distance: float
    energy_score: float


@torch.inference_mode()
def judge(sampler: Sampler, held_out: Examples, answers: Answers, *, seed: int = 0) -> AdapterMetrics:
    """Draw DRAWS points for each held-out row and compare."""
    rng = np.random.default_rng(seed)
    draws = np.stack([sampler(held_out.features, seed + i).numpy() for i in range(DRAWS)])  # K M D
    flat = held_out.pool[:, :DRAWS].ravel()
    true = answers.one_point(flat, rng).reshape(len(held_out), DRAWS, -1)
    first, shuffled = draws[0], np.roll(true, len(held_out) // 2, axis=0)
    hit, chance, valence, arousal = _retrieval(first, held_out, answers, rng)
    return AdapterMetrics(
        cosine_match=float(np.einsum("md,mkd->mk", first, true).mean()),
        cosine_shuffled=float(np.einsum("md,mkd->mk", first, shuffled).mean()),
        style_hit=hit,
        style_chance=chance,
        valence_sign=valence,
        arousal_sign=arousal,
        mean_norm=float(np.linalg.norm(first.mean(axis=0))),
        true_norm=float(np.linalg.norm(true[:, 0].mean(axis=0))),
        energy_distance=energy_distance(first, true[:, 0]),
        energy_score=_energy_score(draws, true),
    )


def energy_distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """2 E|a - b| - E|a - a'| - E|b - b'| of rows [M D] and [N D]."""
    return 2 * _mean_distance(a, b, same=False) - _mean_distance(a, a, same=True) - _mean_distance(b, b, same=True)


def _mean_distance(a: NDArray[np.float32], b: NDArray[np.float32], *, same: bool) -> float:
    distances = torch.cdist(torch.from_numpy(a), torch.from_numpy(b))
    pairs = len(a) * (len(a) - 1) if same else len(a) * len(b)
    return float(distances.sum()) / max(pairs, 1)


def _energy_score(draws: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Mean over rows of E|x - y| - E|x - x'| / 2; draws [K M D], true [M K D]."""
    by_row = torch.from_numpy(draws).transpose(0, 1).contiguous()
    far = torch.cdist(by_row, torch.from_numpy(true)).mean()
    k = by_row.shape[1]
    # a deterministic adapter's draws are all alike; rounding in cdist must not lend it spread
    apart = torch.linalg.vector_norm(by_row[:, :, None] - by_row[:, None], dim=-1).sum((1, 2)).mean() / (k * (k - 1))
    return float(far - 0.5 * apart)


def _retrieval(
    points: NDArray[np.float32], held_out: Examples, answers: Answers, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Style hits, their chance, and the signs of valence and arousal, read off the nearest pieces."""
    library = answers.library
    nearest = np.argsort(-(points @ answers.means.T), axis=1)[:, :NEIGHBOURS]
    votes = np.stack([np.bincount(library.style[row], minlength=len(STYLES)) for row in nearest])
    guess = votes.argmax(axis=1)
    wanted = np.array([[m.styles.get(s, 0.0) for s in STYLES] for m in held_out.moods])
    listed = wanted >= np.maximum(0.25 * wanted.max(axis=1, keepdims=True), 1e-9)
    rows = np.arange(len(held_out))
    random = rng.integers(0, len(STYLES), len(held_out))
    signs = []
    for name in ("valence", "arousal"):
        asked = np.array([getattr(m, name) for m in held_out.moods])
        labels: NDArray[np.float64] = getattr(library, name)
        middle = np.median(labels[held_out.pool])
        found = labels[nearest].mean(axis=1)
        clear = np.abs(asked - 0.5) > CLEAR
        signs.append(float(((found > middle) == (asked > 0.5))[clear].mean()) if clear.any() else float("nan"))
    return float(listed[rows, guess].mean()), float(listed[rows, random].mean()), signs[0], signs[1]
