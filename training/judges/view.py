"""The judge's view of ten seconds: levels of mel bands and the clip's pitch classes."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoders.chroma import chroma, chroma_filters
from encoders.mel import log_mel, mel_filters


@dataclass(frozen=True, slots=True)
class View:
    """Log-mels [B 64 F] and chroma [B 12], both free of level, as `training.clips` writes them."""

    mel: Tensor
    chroma: Tensor

    def rows(self, rows: NDArray[np.int64]) -> "View":
        """Some of the clips."""
        return View(self.mel[rows], self.chroma[rows])


class Looking:
    """Turns samples into views; holds the filter banks."""

    def __init__(self) -> None:
        self._mel, self._chroma = mel_filters(), chroma_filters()

    @torch.no_grad()
    def __call__(self, samples: Tensor) -> View:
        """The view of samples [B N] at 22,050 Hz."""
        return View(log_mel(samples, self._mel), chroma(samples, self._chroma))


def joined(*views: View) -> View:
    """Views of clips of equal length as one batch."""
    return View(torch.cat([v.mel for v in views]), torch.cat([v.chroma for v in views]))
