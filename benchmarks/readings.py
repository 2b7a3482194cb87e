"""What a bundle's CLAP reads in points of its space, and how far they lie from music."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoders.adapter import Adapters
from encoders.clap import Clap
from encoders.descriptors import ENCODER as LOOKS
from encoders.story import encode_caption
from encoders.vision import Eyes
from generators.score.style import STYLES

CLEAR = 0.1  # of a reading: what differs less has no direction


@dataclass(frozen=True)
class Readings:
    """A bundle's CLAP, adapters and eyes, and points of music [N D] with the words for what they are."""

    clap: Clap
    adapters: Adapters
    eyes: Eyes | None
    points: NDArray[np.float32]
    points_are: str

    @classmethod
    def load(cls, bundle: Path, points: Path, captions: Sequence[str]) -> "Readings":
        """Points from a file, if it is there and of this bundle's space; else of captions by the text tower."""
        clap = Clap.load(bundle / "clap.safetensors", [s.value for s in STYLES])
        adapters = Adapters.load(bundle / "adapters")
        needs_eyes = adapters.by_kind["image"].config.encoder != LOOKS
        eyes = Eyes.load(bundle / "vision.safetensors") if needs_eyes else None
        if points.exists():
            rows = np.load(points).astype(np.float32)
            return cls(clap, adapters, eyes, rows, f"{len(rows)} clips by the audio tower")
        rows = np.stack([clap.embed_text(encode_caption(caption).vectors) for caption in captions])
        return cls(clap, adapters, eyes, rows, f"{len(rows)} captions of pieces by the text tower")

    def attributes(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Valence, arousal and energy of points [N D]: [N 3]."""
        read = [self.clap.describe(point) for point in points]
        return np.array([(r.valence, r.arousal, r.energy) for r in read])

    def away(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """1 - cosine of each point to the nearest of music."""
        return np.asarray(1.0 - (points @ self.points.T).max(axis=1), np.float64)

    def apart(self, some: int = 1000) -> float:
        """The same for music itself, each clip against all others."""
        cosines = self.points[:some] @ self.points.T
        cosines[np.arange(len(cosines)), np.arange(len(cosines))] = -1.0
        return float((1.0 - cosines.max(axis=1)).mean())
