"""How sentences feel: valence and arousal straight from their vectors, beside the drawn point that has a sound too."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from encoders.errors import BadEncoderWeights
from encoders.features import Features
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module

FILE = "feeling.safetensors"  # beside the adapters of a bundle


@dataclass(frozen=True, slots=True)
class FeelingConfig:
    """encoder: whose vectors it was trained on; features: their width."""

    encoder: str
    features: int = 384
    width: int = 192


class Feeling(nn.Module):
    """Unit vectors [B F] -> valence and arousal [B 2]: a small MLP, what a reader would answer in the mean.

    A drawn point is one of many pieces that might do, and says less of the mood than the sentence itself. Levels are
    brought to the spread that labels of music have, which means of guesses have lost: a buffer each for the mean and
    deviation of both.
    """

    read_mean: Tensor
    read_std: Tensor
    label_mean: Tensor
    label_std: Tensor

    def __init__(self, config: FeelingConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.Sequential(
            nn.Dropout(0.1),
            nn.Linear(config.features, config.width),
            nn.GELU(),
            nn.Dropout(0.5),
            nn.Linear(config.width, 2),
        )
        for name in ("read", "label"):
            self.register_buffer(f"{name}_mean", torch.zeros(2))
            self.register_buffer(f"{name}_std", torch.ones(2))

    def forward(self, vectors: Tensor) -> Tensor:
        """Valence and arousal before they are spread out, in 0..1."""
        levels: Tensor = self.layers(vectors * self.config.features**0.5).sigmoid()
        return levels

    @torch.inference_mode()
    def spread(self, levels: Tensor) -> None:
        """Take mean and deviation from what is read of training sentences [N 2]."""
        self.read_mean.copy_(levels.mean(0))
        self.read_std.copy_(levels.std(0).clamp(min=1e-3))

    @torch.inference_mode()
    def moods(self, features: Features) -> NDArray[np.float64]:
        """Valence and arousal [S 2] of the rows of a text, each in 0..1 as labels of music are.

        Raises:
            BadEncoderWeights: it was trained on another encoder's vectors.
        """
        found = (features.encoder, features.vectors.shape[-1])
        if found != (self.config.encoder, self.config.features):
            raise BadEncoderWeights(
                f"feelings were learned from {self.config.encoder} [{self.config.features}] and cannot be read from "
                f"{found[0]} [{found[1]}]; use that encoder"
            )
        levels = self(torch.from_numpy(np.ascontiguousarray(features.vectors, dtype=np.float32)))
        wide = self.label_mean + (levels - self.read_mean) / self.read_std * self.label_std
        return np.asarray(wide.clamp(0.0, 1.0).numpy(), np.float64)

    @classmethod
    def load(cls, path: Path) -> "Feeling":
        """What training.feeling wrote.

        Raises:
            BadEncoderWeights: the file is missing or damaged.
        """
        try:
            return load_module(path, cls, FeelingConfig)
        except BadWeights as exc:
            raise BadEncoderWeights(str(exc)) from exc
