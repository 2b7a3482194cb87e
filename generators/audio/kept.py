"""What is kept of a recording beside its latents: whole spectra of some frames, or the wave of the lowest band.

A mel holds no phase, so that a wave made from it does not go on where a recording ends, and its lowest band is another
wave than the recording's. Codecs that tell the upper band by its envelope keep the lower one as a wave (Dietz et al.
2002, "Spectral Band Replication"); so does this one where there is a recording.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generators.audio.mel import MelConfig, mid_side, spectrum
from generators.audio.vae import FRAMES

PER_LATENT = 16  # samples of the low wave: one in 128, up to 172 Hz at 44.1 kHz
LOW_BINS = 8  # that it fills: to 150 Hz
PERIODS = 10  # of the low wave, half the length of scipy's filter between the rates

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Frames:
    """Spectra of the middle, or of middle and side, complex [C K F], and in which of the F frames they are kept [F]."""

    spectra: Tensor
    stays: Tensor

    def fixed(self, bins: int) -> Tensor:
        """Which values of spectra are kept, bool [2 bins F]."""
        channels, low, _ = self.spectra.shape
        there = (torch.arange(2) < channels)[:, None] & (torch.arange(bins) < low)
        return there[..., None] & self.stays


class Kept(Protocol):
    """Something of a recording."""

    @property
    def count(self) -> int:
        """Frames in all."""

    def frames(self, start: int, end: int, config: MelConfig) -> Frames:
        """Those of frames start..end."""


@dataclass(frozen=True)
class Recording:
    """A recording [2 N] in the frames that stay, bool [F]; N is at most F hops."""

    samples: Floats
    stays: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Frames in all."""
        return len(self.stays)

    def frames(self, start: int, end: int, config: MelConfig) -> Frames:
        """Those of frames start..end."""
        around = -(-config.margin // config.hop)
        first = max(0, start - around)
        part = torch.from_numpy(self.samples[:, first * config.hop : (end + around) * config.hop])
        spectra = _spectra(mid_side(part), end + around - first, config)
        return Frames(spectra[..., start - first : end - first], torch.from_numpy(self.stays[start:end]))


@dataclass(frozen=True)
class LowWave:
    """The middle's wave below 150 Hz, `wave` float32 [T PER_LATENT]: so many numbers beside each latent."""

    wave: Floats

    @classmethod
    def of(cls, samples: Floats, config: MelConfig) -> "LowWave":
        """That of a recording [2 N], for N / (FRAMES hop), rounded up, latents."""
        from scipy.signal import resample_poly

        step = _step(config)
        rows = -(-samples.shape[1] // (FRAMES * config.hop))
        middle = np.zeros(rows * FRAMES * config.hop)
        middle[: samples.shape[1]] = samples.mean(axis=0, dtype=np.float64)
        low = resample_poly(middle, 1, step)
        return cls(low.astype(np.float32).reshape(rows, PER_LATENT))

    @property
    def count(self) -> int:
        """Frames in all."""
        return FRAMES * len(self.wave)

    def frames(self, start: int, end: int, config: MelConfig) -> Frames:
        """Those of frames start..end: the LOW_BINS lowest bins of the middle."""
        from scipy.signal import resample_poly

        step, per_frame = _step(config), PER_LATENT // FRAMES
        around = -(-(config.margin + PERIODS * step) // config.hop)
        first, last = max(0, start - around), min(self.count, end + around)
        low = self.wave.reshape(-1)[first * per_frame : last * per_frame]
        middle = resample_poly(low.astype(np.float64), step, 1)
        part = torch.from_numpy(middle.astype(np.float32))[None]
        spectra = _spectra(part, end + around - first, config)[:, :LOW_BINS]
        return Frames(spectra[..., start - first : end - first], torch.ones(end - start, dtype=torch.bool))


def _spectra(part: Tensor, frames: int, config: MelConfig) -> Tensor:
    """Spectra [C bins frames] of samples [C n], with silence after them."""
    return spectrum(functional.pad(part, (0, frames * config.hop - part.shape[1])), config)


def _step(config: MelConfig) -> int:
    """Samples that one of the low wave stands for."""
    return FRAMES * config.hop // PER_LATENT
