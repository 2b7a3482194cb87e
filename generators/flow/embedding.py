"""How time and place enter a net: sinusoidal time features and rotary positions."""

import math

import torch
from torch import Tensor


def time_features(t: Tensor, width: int) -> Tensor:
    """t [B] in 0..1 -> [B width]: cosines and sines at log-spaced frequencies (Vaswani et al. 2017; 1000 t)."""
    half = width // 2
    frequencies = torch.exp(-math.log(10_000.0) * torch.arange(half, device=t.device, dtype=t.dtype) / half)
    angles = 1000.0 * t[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def rotary(length: int, width: int, *, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Cosines and sines [length width / 2] of rotary positions (Su et al. 2021); base 1000: pieces are short."""
    frequencies = 1000.0 ** (-torch.arange(0, width, 2, device=device, dtype=torch.float32) / width)
    angles = torch.arange(length, device=device, dtype=torch.float32)[:, None] * frequencies
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn x [B heads T width] by its positions; dot products then depend on distances only."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
