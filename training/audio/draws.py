"""Stretches of sound for a training step: from the pool or a user's recordings, each as somebody else might hear it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.audio.pool import FULL, RATE

GAIN_DB, TILT_DB = (-9.0, 2.0), 4.0
SWAPPED, EQUALISED = 0.5, 0.5  # chances
STEM_SHARE = 0.3  # of stretches of aligned clips
EQUALISER_HZ = (60.0, 250.0, 1000.0, 4000.0, 16000.0)
Floats = NDArray[np.float32]


class Source(Protocol):
    """Where sound comes from."""

    def draw(self, length: int, rng: np.random.Generator) -> Floats:
        """A stretch [2 length] at RATE."""


@dataclass(frozen=True)
class ClipSource:
    """Stretches of clips int16 [M 2 N], all clips equally often."""

    clips: NDArray[np.int16]

    def draw(self, length: int, rng: np.random.Generator) -> Floats:
        """A stretch [2 length]; starts anywhere."""
        clip, start = int(rng.integers(len(self.clips))), int(rng.integers(0, self.clips.shape[2] - length + 1))
        return np.asarray(self.clips[clip, :, start : start + length], dtype=np.float32) / np.float32(FULL)


@dataclass(frozen=True)
class AlignedSource:
    """Stretches of aligned clips (see `training.audio.aligned`), which lie in a file each: of the mix, or of a stem."""

    files: Sequence[Path]

    def draw(self, length: int, rng: np.random.Generator) -> Floats:
        """A stretch [2 length]; starts anywhere."""
        part = "stem" if rng.random() < STEM_SHARE else "mix"
        with np.load(self.files[int(rng.integers(len(self.files)))]) as held:
            samples: NDArray[np.int16] = held[part]
        start = int(rng.integers(0, samples.shape[1] - length + 1))
        return samples[:, start : start + length].astype(np.float32) / np.float32(FULL)


@dataclass(frozen=True)
class Mixture:
    """One source or another, as often as `weights` tell."""

    sources: Sequence[Source]
    weights: Sequence[float]

    def draw(self, length: int, rng: np.random.Generator) -> Floats:
        """A stretch [2 length] of one of them."""
        share = np.asarray(self.weights) / sum(self.weights)
        return self.sources[int(rng.choice(len(self.sources), p=share))].draw(length, rng)


def batch(source: Source, n: int, length: int, rng: np.random.Generator) -> Tensor:
    """Stretches [n 2 length], each with its own level, colour and side."""
    return torch.from_numpy(np.stack([varied(source.draw(length, rng), rng) for _ in range(n)]))


def varied(samples: Floats, rng: np.random.Generator) -> Floats:
    """The same music at another level, through another equaliser, with left and right the other way round or not.

    Never upside down: drums and basses push the air first, and a vocoder may know that.
    """
    out = samples[::-1] if rng.random() < SWAPPED else samples
    if rng.random() < EQUALISED:
        out = equalised(out, rng.uniform(-TILT_DB, TILT_DB, len(EQUALISER_HZ)).tolist())
    gain = 10.0 ** (rng.uniform(*GAIN_DB) / 20.0)
    peak = float(np.max(np.abs(out), initial=0.0)) * gain
    return np.ascontiguousarray(out * np.float32(gain / max(peak, 1.0)), dtype=np.float32)


def equalised(samples: Floats, gains_db: Sequence[float]) -> Floats:
    """Samples [2 N] with smooth gains through the points of EQUALISER_HZ, without a delay."""
    turned = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.shape[1], 1.0 / RATE)
    gain_db = np.interp(np.log(np.maximum(hz, 1.0)), np.log(EQUALISER_HZ), gains_db)
    out: Floats = np.fft.irfft(turned * 10.0 ** (gain_db / 20.0), samples.shape[1]).astype(np.float32)
    return out


D = TypeVar("D")


class Ahead(Generic[D]):
    """Makes what the next steps need while this one is worked on: a fast device must not wait for slow disks."""

    def __init__(self, make: Callable[[int], D], *, workers: int) -> None:
        self._make, self._depth = make, workers
        self._pool = ThreadPoolExecutor(workers) if workers else None
        self._begun: dict[int, Future[D]] = {}

    def of(self, step: int) -> D:
        """What `make(step)` gives; with no workers it is made now."""
        if self._pool is None:
            return self._make(step)
        for later in range(step, step + self._depth + 1):
            if later not in self._begun:
                self._begun[later] = self._pool.submit(self._make, later)
        return self._begun.pop(step).result()


def workers_for(device: str) -> int:
    """As many as there are cores, for a device of its own; none where the cores do the training."""
    return 0 if device == "cpu" else min(16, os.cpu_count() or 1)
