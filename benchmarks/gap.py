"""Two made-up spaces with a known rotation and gap between them: how near a fit on texts brings pictures to music."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Cell, table
from encoders.features import Features
from encoders.fit import NOISE, TextFit, fit_texts

TRUE, CLIP, CLAP = 12, 64, 16  # dimensions: of what is told, of the picture model's space, of the music's
TEXT_NOISE = 0.05  # texts hardly use what their meaning does not, so that nothing is learned there
NOISES = (0.0, 0.5, 1.0, NOISE, 2.0, 2.5, 4.0)


@dataclass(frozen=True)
class World:
    """Things told as z have texts R z + a, pictures R z + b + noise, and music in the direction of A z + c."""

    texts: NDArray[np.float32]
    points: NDArray[np.float32]
    pictures: NDArray[np.float32]
    true: NDArray[np.float32]
    calibration: NDArray[np.float32]


def world(seed: int, *, gap: float = 1.5, noise: float = 0.3) -> World:
    """400 texts, 200 pictures of other things, and 16 pictures of nothing in particular."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((CLIP, CLIP)))[0][:TRUE]
    a, b = (length * unit(rng.standard_normal((1, CLIP)))[0] for length in (0.6, gap))
    told, shown, nothing = (rng.standard_normal((n, TRUE)) / np.sqrt(TRUE) for n in (400, 200, 16))
    music = rng.standard_normal((TRUE, CLAP)) / np.sqrt(CLAP)
    centre = 0.3 * rng.standard_normal(CLAP) / np.sqrt(CLAP)

    def placed(z: NDArray[np.float64], middle: NDArray[np.float32], grain: float) -> NDArray[np.float32]:
        own = grain * rng.standard_normal((len(z), CLIP)) / np.sqrt(CLIP)
        return np.asarray(z @ rotation + middle + own, np.float32)

    points, true = (unit(z @ music + centre) for z in (told, shown))
    seen, calibration = placed(shown, a + b, noise), placed(0.5 * nothing, a + b, noise)
    return World(placed(told, a, TEXT_NOISE), points, seen, true, calibration)


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows at unit length."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def pictures(rows: NDArray[np.float32]) -> Features:
    """Rows as what an encoder saw."""
    return Features("video", "known", rows, np.arange(len(rows), dtype=np.float64))


def cosine(fit: TextFit, known: World) -> float:
    """The mean cosine of pictures' points to the true ones."""
    return float(np.mean(np.sum(fit.to_clap(pictures(known.pictures)) * known.true, axis=1)))


def fits(seeds: Sequence[int], *, noise: float = 0.8) -> str:
    """A table of the fit's noise against the mean cosine over worlds, with the pictures' own middle and without."""
    worlds = [world(seed, noise=noise) for seed in seeds]
    rows: list[list[Cell]] = []
    for strength in NOISES:
        middled, plain = (
            [
                cosine(
                    fit_texts(w.texts, w.points, picture_mean=w.calibration.mean(0) if m else None, noise=strength), w
                )
                for w in worlds
            ]
            for m in (True, False)
        )
        rows.append([f"{strength:g}", float(np.mean(middled)), float(np.min(middled)), float(np.mean(plain))])
    return table(["noise of the fit", "cosine, gap taken off", "in the worst world", "gap left in"], rows)
