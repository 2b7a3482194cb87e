"""What encoders give: features of a source over time, and what happens in a video when."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Features:
    """One source as vectors over time: `vectors` float32 [S D], `times_s` [S] (all 0 for a still or a text)."""

    kind: str  # "image", "video", "story", "caption"
    encoder: str  # which encoder made them, for example "descriptors-v1" or "open_clip:ViT-B-32"
    vectors: NDArray[np.float32]
    times_s: NDArray[np.float64]


@dataclass(frozen=True)
class Frames:
    """Low-resolution frames, decoded once and shared: `rgb` uint8 [S H W 3], `times_s` [S] presentation times.

    `width`, `height`, `fps`, `n_frames`, `duration_s` describe the source video, not the reduced frames.
    """

    rgb: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    width: int
    height: int
    fps: float
    n_frames: int
    duration_s: float
    has_audio: bool


@dataclass(frozen=True, slots=True)
class ShotCut:
    """A shot boundary: time of the first frame of the new shot, weight 0..1 by how strong the change is."""

    time_s: float
    weight: float
    kind: str  # "cut", "fade" or "flash"


@dataclass(frozen=True)
class Events:
    """What happens when: shot cuts, motion onsets and curves in 0..1, all [S] at `times_s`."""

    times_s: NDArray[np.float64]
    cuts: tuple[ShotCut, ...]
    motion_onsets_s: NDArray[np.float64]
    motion: NDArray[np.float64]
    brightness: NDArray[np.float64]
    warmth: NDArray[np.float64]
    saturation: NDArray[np.float64]
