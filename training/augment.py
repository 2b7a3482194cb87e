"""Pictures as a camera might have taken them otherwise: cut, turned, relit, blurred, covered, or as silhouettes."""

import math

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 0.25  # area of a crop
TURN = math.radians(12.0)
GREY, SILHOUETTE, NEGATIVE, BLUR, COVER = 0.08, 0.05, 0.02, 0.15, 0.25  # chances of each


def augment(pixels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Pixels [B 3 H W] in 0..1 -> [B 3 size size], each changed in its own way."""
    return cover(relight(blur(crop(pixels, size, generator), generator), generator), generator)


def crop(pixels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """A random part of each, of random shape, turned a little, half of them mirrored."""
    n = len(pixels)
    area = torch.empty(n).uniform_(SMALLEST, 1.0, generator=generator)
    shape = torch.empty(n).uniform_(-0.35, 0.35, generator=generator).exp()
    wide, tall = (area * shape).sqrt().clamp(max=1.0), (area / shape).sqrt().clamp(max=1.0)
    x, y = (
        (torch.rand(n, generator=generator) * 2 - 1) * (1 - wide),
        (torch.rand(n, generator=generator) * 2 - 1) * (1 - tall),
    )
    turn = torch.empty(n).uniform_(-TURN, TURN, generator=generator)
    mirror = 1.0 - 2.0 * _chosen(n, 0.5, generator)
    rows = [wide * turn.cos() * mirror, -tall * turn.sin(), x, wide * turn.sin() * mirror, tall * turn.cos(), y]
    grid = functional.affine_grid(torch.stack(rows, 1).view(n, 2, 3), [n, 3, size, size], align_corners=False)
    return functional.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)


def blur(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Some out of focus."""
    chosen = _chosen(len(pixels), BLUR, generator).view(-1, 1, 1, 1)
    soft = functional.avg_pool2d(pixels, 3, stride=1, padding=1, count_include_pad=False)
    return pixels + chosen * (soft - pixels)


def relight(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Exposure, white balance, saturation and contrast; some grey, as silhouettes, or negative."""
    n = len(pixels)

    def factor(spread: float, channels: int = 1) -> Tensor:
        return (spread * torch.randn(n, channels, 1, 1, generator=generator)).exp()

    pixels = pixels.clamp(1e-4, 1.0) ** factor(0.25) * factor(0.2) * factor(0.07, 3)
    grey = pixels.mean(1, keepdim=True)
    rich = factor(0.35) * (1.0 - _chosen(n, GREY, generator).view(-1, 1, 1, 1))
    pixels = grey + (pixels - grey) * rich
    middle = pixels.mean((1, 2, 3), keepdim=True)
    pixels = middle + (pixels - middle) * factor(0.25)
    outline = (16.0 * (grey - grey.mean((2, 3), keepdim=True))).sigmoid().expand_as(pixels)
    pixels = torch.where(_chosen(n, SILHOUETTE, generator).view(-1, 1, 1, 1) > 0, outline, pixels).clamp(0.0, 1.0)
    return torch.where(_chosen(n, NEGATIVE, generator).view(-1, 1, 1, 1) > 0, 1.0 - pixels, pixels)


def cover(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """A rectangle of some in one flat colour."""
    n, _, height, width = pixels.shape
    top, left = (torch.rand(n, 1, 1, 1, generator=generator) * side for side in (height, width))
    tall, wide = (torch.empty(n, 1, 1, 1).uniform_(0.1, 0.45, generator=generator) * s for s in (height, width))
    y, x = torch.arange(height).view(1, 1, -1, 1), torch.arange(width).view(1, 1, 1, -1)
    inside = (y >= top) & (y < top + tall) & (x >= left) & (x < left + wide)
    inside &= _chosen(n, COVER, generator).view(-1, 1, 1, 1) > 0
    return torch.where(inside, torch.rand(n, 3, 1, 1, generator=generator), pixels)


def _chosen(n: int, chance: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(n, generator=generator) < chance).float()
