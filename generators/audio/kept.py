"""What is kept of a recording beside its latents: the lowest bins of some frames, levels and phases, as they are.

A mel holds no phase, so that a wave made from it does not go on where a recording ends. Codecs that tell the upper band
by its envelope keep the lower one as a wave (Dietz et al. 2002, "Spectral Band Replication"); so does this one where
there is a recording.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from generators.audio.mel import MelConfig, mid_side, spectrum


@dataclass(frozen=True)
class Frames:
    """Spectra of middle and side, complex [2 K F], and in which of the F frames they are kept, bool [F]."""

    spectra: Tensor
    stays: Tensor

    def fixed(self, bins: int) -> Tensor:
        """Which values of spectra are kept, bool [bins F]."""
        low = torch.arange(bins) < self.spectra.shape[1]
        return low[:, None] & self.stays


@dataclass(frozen=True)
class Kept:
    """The `bins` lowest bins of a recording [2 N] in the frames that stay, bool [F]; N is at most F hops."""

    samples: NDArray[np.float32]
    stays: NDArray[np.bool_]
    bins: int

    def frames(self, start: int, end: int, config: MelConfig) -> Frames:
        """Those of frames start..end."""
        hop = config.hop
        around = -(-config.margin // hop)
        first = max(0, start - around)
        part = torch.from_numpy(self.samples[:, first * hop : (end + around) * hop])
        part = functional.pad(part, (0, (end + around - first) * hop - part.shape[1]))
        spectra = spectrum(mid_side(part), config)[:, : self.bins, start - first : end - first]
        return Frames(spectra, torch.from_numpy(self.stays[start:end]))
