"""Clips that are told of but never sounded, for the flow's training."""

from collections.abc import Sequence

import numpy as np

from generators.audio.conditions import WIDTH, WIDTHS
from training.audio.latents import Told

CHANNELS, DIM, FRAMES = 4, 6, 24


def told_clips(count: int = 6, *, frames: int = FRAMES, seed: int = 0) -> Sequence[Told]:
    """Latents that follow from what is told: the mean of some values, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    clips = []
    for i in range(count):
        values = rng.integers(0, 256, (2, frames, WIDTH)).astype(np.uint8)
        level = values[..., :CHANNELS].astype(np.float32) / 128.0
        sound = np.stack([level[0], level[1], level[0] - level[1]]).astype(np.float16)
        clap = rng.standard_normal(DIM)
        masks = np.ones((2, frames, len(WIDTHS)), bool)
        clips.append(Told(sound, values, masks, (clap / np.linalg.norm(clap)).astype(np.float16), i % 3 - 1))
    return clips
