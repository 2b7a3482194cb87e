"""From pictures to CLAP space by a map fitted on sentences alone, which open_clip and the story adapter both read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.errors import BadEncoderWeights
from encoders.features import Features

if TYPE_CHECKING:
    from encoders.adapter import Adapters
    from encoders.clip import OpenClipEncoder

#: How far a picture may lie from its sentence besides the gap, in units of how far sentences lie from their mean.
#: Measured by benchmarks.eyes on spaces whose truth is known: 0.5 to 2.5 do about as well, without noise the fit fails.
NOISE = 1.5


@dataclass(frozen=True)
class TextFit:
    """A picture x [D] has its music at `point_mean` [C] + (x - `picture_mean` [D]) `weights` [D C]."""

    picture_mean: NDArray[np.float32]
    weights: NDArray[np.float32]
    point_mean: NDArray[np.float32]

    def to_clap(self, seen: Features) -> NDArray[np.float32]:
        """One unit vector [S C] a picture; where the pictures move on smoothly, so does their path.

        Raises:
            BadEncoderWeights: a picture came out as no number at all.
        """
        if not np.isfinite(seen.vectors).all():
            raise BadEncoderWeights(f"{seen.encoder} gives no numbers for this picture; fetch its checkpoint again")
        points = self.point_mean + (seen.vectors - self.picture_mean) @ self.weights
        return _unit(points)


def fit_texts(
    texts: NDArray[np.float32],
    points: NDArray[np.float32],
    *,
    picture_mean: NDArray[np.float32] | None = None,
    noise: float = NOISE,
) -> TextFit:
    """Fit texts [N D] of a model's space to their points [N C], and apply it to pictures around `picture_mean` [D].

    The modality gap is treated twice. Its constant part goes by taking each modality's own mean off (Liang et al. 2022;
    without a `picture_mean` the texts' stands in). For the rest, texts are fitted as if Gaussian noise had been added
    (Nukrai et al. 2022, "CapDec"; DeCap by Li et al. 2023 projects instead): least squares over infinitely many noisy
    copies is ridge regression (Bishop 1995), so it comes in closed form and needs no seed. It closes what
    texts hardly use, where pictures differ most from them. Last, a gain undoes the shrinking, so that noisy texts are
    spread as wide as points are.
    """
    text_mean, point_mean = texts.mean(axis=0, dtype=np.float64), points.mean(axis=0, dtype=np.float64)
    x, y = texts - text_mean, points - point_mean
    variance = noise**2 * float((x**2).sum(axis=1).mean()) / x.shape[1]  # of the noise, for each dimension
    weights = np.linalg.solve(x.T @ x / len(x) + (variance + 1e-9) * np.eye(x.shape[1]), x.T @ y / len(x))
    spread = float(((x @ weights) ** 2).sum(axis=1).mean()) + variance * float((weights**2).sum())
    gain = np.sqrt(float((y**2).sum(axis=1).mean()) / max(spread, 1e-12))
    middle = text_mean if picture_mean is None else picture_mean
    return TextFit(*(np.asarray(a, np.float32) for a in (middle, gain * weights, point_mean)))


def fit_clip(clip: "OpenClipEncoder", adapters: "Adapters", sentences: Sequence[str]) -> TextFit:
    """Fit a model's space to the CLAP space of a bundle on a bank of sentences; deterministic.

    Raises:
        BadEncoderWeights: the bundle has no story adapter, or the model gives no numbers.
    """
    from encoders.calibration import calibration_pictures
    from encoders.story import ENCODER, encode_sentences

    told = Features("story", ENCODER, encode_sentences(sentences), np.zeros(len(sentences)))
    texts, pictures = clip.encode_texts(sentences), clip.embed(calibration_pictures(clip.image_size))
    if not (np.isfinite(texts).all() and np.isfinite(pictures).all()):
        raise BadEncoderWeights(f"{clip.name} gives no numbers; fetch its checkpoint again")
    return fit_texts(texts, adapters.expected(told, seed=0), picture_mean=pictures.mean(axis=0))


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)
