"""The embedded bundle's own eyes: a small ConvNet from a picture to what it means, in the space of sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from encoders.errors import BadEncoderWeights
from generators.errors import BadWeights
from generators.flow.checkpoint import load_module

ENCODER = "mini-eyes-v1"
STRETCH = (1.0, 1.5, 3.0, 5.0, 8.0)  # channels of the stages over the width of the first
_WIDEST = 2.0  # sides' ratio that is still squeezed into a square; more is cut off at both ends
_BATCH = 32


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """size: side of the square that is looked at, pixels; text: of sentence space; compact: of it as adapters get it.

    looks: how many of the leading descriptors are learned as a second task; encoder: the name of these eyes.
    """

    width: int = 32
    size: int = 96
    text: int = 384
    looks: int = 28
    compact: int = 48
    encoder: str = ENCODER


@dataclass(frozen=True)
class Glance:
    """What B pictures show: meaning [B text] of unit length, looks [B L], mood [B 2] (valence, arousal) in 0..1."""

    meaning: Tensor
    looks: Tensor
    mood: Tensor


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the picture is halved."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, ceil_mode=True), nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)
        )

    def forward(self, x: Tensor) -> Tensor:
        """[B C H W] -> [B C' H/2 W/2]."""
        return functional.relu(self.layers(x) + self.shortcut(x))


class Eyes(nn.Module):
    """Pixels [B 3 H W] in 0..1 -> `Glance`; any size from 32 up, trained for `config.size`."""

    axes: Tensor
    middle: Tensor

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        widths = [round(config.width * s) for s in STRETCH]
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.stages = nn.Sequential(*(Residual(a, b) for a, b in pairwise(widths)))
        self.drop = nn.Dropout(0.1)
        self.meaning = nn.Linear(widths[-1], config.text)
        self.looks = nn.Linear(widths[-1], config.looks)
        self.mood = nn.Linear(widths[-1], 2)
        self.register_buffer("middle", torch.zeros(config.text))
        self.register_buffer("axes", torch.eye(config.compact, config.text))

    def forward(self, pixels: Tensor) -> Glance:
        """Look."""
        h = self.stages(self.stem(2.0 * pixels - 1.0)).mean((2, 3))
        meaning = functional.normalize(self.meaning(self.drop(h)), dim=-1)
        return Glance(meaning, self.looks(h), torch.sigmoid(self.mood(h)))

    def fit_axes(self, meanings: Tensor) -> None:
        """Take the principal axes of meanings [N text]: what `columns` keeps of a picture's meaning.

        Raises:
            ValueError: fewer meanings than axes.
        """
        if len(meanings) < self.config.compact:
            raise ValueError(f"{len(meanings)} meanings cannot give {self.config.compact} axes; take more")
        self.middle.copy_(meanings.mean(0))
        _, _, axes = torch.linalg.svd(meanings - self.middle, full_matrices=False)
        self.axes.copy_(axes[: self.config.compact])

    @torch.inference_mode()
    def look(self, pictures: Sequence[NDArray[np.uint8]]) -> Glance:
        """Look at pictures, uint8 [H W 3] each, of any size."""
        seen: list[Glance] = []
        for start in range(0, len(pictures), _BATCH):
            squares = np.stack([square(p, self.config.size) for p in pictures[start : start + _BATCH]])
            seen.append(self(as_pixels(torch.from_numpy(squares))))
        return Glance(
            torch.cat([s.meaning for s in seen]), torch.cat([s.looks for s in seen]), torch.cat([s.mood for s in seen])
        )

    def columns(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """What adapters get of each picture: meaning on its principal axes, then valence and arousal, [B compact+2]."""
        glance = self.look(pictures)
        compact = (glance.meaning - self.middle) @ self.axes.T
        out: NDArray[np.float32] = torch.cat([compact, glance.mood], dim=1).numpy()
        return out

    @classmethod
    def load(cls, path: Path) -> "Eyes":
        """The eyes that training.vision wrote.

        Raises:
            BadEncoderWeights: the file is missing or damaged.
        """
        try:
            return load_module(path, cls, VisionConfig).to(memory_format=torch.channels_last)
        except BadWeights as exc:
            raise BadEncoderWeights(str(exc)) from exc


def square(rgb: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A picture [H W 3] squeezed into a square [size size 3]; what is longer than 2:1 loses both ends first."""
    import cv2

    height, width = rgb.shape[:2]
    tall, wide = min(height, round(_WIDEST * width)), min(width, round(_WIDEST * height))
    top, left = (height - tall) // 2, (width - wide) // 2
    inside = np.ascontiguousarray(rgb[top : top + tall, left : left + wide])
    way = cv2.INTER_AREA if min(tall, wide) > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(inside, (size, size), interpolation=way), dtype=np.uint8)


def as_pixels(squares: Tensor) -> Tensor:
    """uint8 [B H W 3] -> [B 3 H W] in 0..1, channels last in memory as convolutions like it."""
    return squares.permute(0, 3, 1, 2).float() / 255.0
