"""From pictures to words: open_clip finds the scenes that a picture is most like; their sentences are its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from encoders.errors import BadEncoderWeights
from encoders.features import Features

if TYPE_CHECKING:
    from encoders.adapter import Adapters
    from encoders.clip import OpenClipEncoder

SAMPLE_FPS = 1.0  # of a video's frames
TOP = 5
TEMPERATURE = 100.0  # what CLIP multiplies cosines by, at the end of its training: Radford et al. 2021, section 2.5
_SCENES = Path(__file__).parent / "scenes.txt"


@dataclass(frozen=True)
class Scenes:
    """What pictures show: `weights` [S K] of the bank's sentences, for S pictures at `times_s` [S].

    `sentences` are the K that any of the pictures took, in the bank's order; each row of weights adds up to 1.
    """

    sentences: tuple[str, ...]
    weights: NDArray[np.float64]
    times_s: NDArray[np.float64]

    def to_story(self) -> Features:
        """The sentences as `encoders.story` reads them: one vector [K 384] each, without a clock."""
        from encoders.story import ENCODER, encode_sentences

        return Features("story", ENCODER, encode_sentences(self.sentences), np.zeros(len(self.sentences)))

    def to_clap(self, adapters: "Adapters", *, seed: int) -> NDArray[np.float32]:
        """One unit vector [S D] a picture: the weighted mean direction of where the story adapter puts its sentences.

        Raises:
            BadEncoderWeights: the bundle has no story adapter.
        """
        from encoders.adapter import mix

        points = adapters.to_clap(self.to_story(), seed=seed)
        return np.stack([mix(list(zip(points, row.tolist(), strict=True))) for row in self.weights])


class SceneBridge:
    """A bank of sentences in the space of an open_clip model; every sentence goes through it once."""

    def __init__(self, clip: "OpenClipEncoder", sentences: Sequence[str], *, top: int = TOP) -> None:
        self.clip = clip
        self.sentences = tuple(sentences)
        self._top = min(top, len(self.sentences))
        self._texts = clip.encode_texts(self.sentences)

    def describe(self, seen: Features) -> Scenes:
        """The `top` sentences nearest to each picture of `seen`, weighted by the softmax of their cosines.

        Raises:
            BadEncoderWeights: a picture came out as no number at all.
        """
        cosines = seen.vectors.astype(np.float64) @ self._texts.astype(np.float64).T
        if not np.isfinite(cosines).all():
            raise BadEncoderWeights(f"{self.clip.name} gives no numbers for this picture; fetch its checkpoint again")
        best = np.argsort(-cosines, axis=1, kind="stable")[:, : self._top]
        logits = TEMPERATURE * np.take_along_axis(cosines, best, axis=1)
        shares = np.exp(logits - logits[:, :1])
        weights = np.zeros_like(cosines)
        np.put_along_axis(weights, best, shares / shares.sum(axis=1, keepdims=True), axis=1)
        taken = np.unique(best)
        return Scenes(tuple(self.sentences[i] for i in taken), weights[:, taken], seen.times_s)


def scene_sentences() -> tuple[str, ...]:
    """The sentences of our own that come with the package, one thing that a picture can show in each."""
    return tuple(_SCENES.read_text(encoding="utf-8").splitlines())
