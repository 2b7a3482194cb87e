"""ConvNeXt blocks over time (Liu et al. 2022, in one dimension as in Vocos): each frame sees a bounded stretch."""

import torch
from torch import Tensor, nn

KERNEL = 7
REACH = KERNEL // 2  # frames to each side that one block sees


class Norm(nn.Module):
    """Layer norm over the channels of [B C F], frame by frame."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """[B C F] -> [B C F]."""
        out: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return out


class Block(nn.Module):
    """Depthwise convolution over time, then a gated pair of linear layers over channels, added to the input."""

    def __init__(self, width: int, hidden: int, scale: float) -> None:
        super().__init__()
        self.time = nn.Conv1d(width, width, KERNEL, padding=REACH, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: Tensor) -> Tensor:
        """[B C F] -> [B C F]."""
        inner = self.norm(self.time(x).transpose(1, 2))
        out: Tensor = self.scale * self.down(nn.functional.gelu(self.up(inner)))
        return x + out.transpose(1, 2)


def stack(width: int, hidden: int, depth: int) -> nn.Sequential:
    """Blocks whose branches start small, the deeper the stack the smaller."""
    return nn.Sequential(*(Block(width, hidden, 1.0 / max(depth, 1)) for _ in range(depth)))
