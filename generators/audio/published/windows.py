"""Something longer than a net was trained on, in overlapping windows that agree where they overlap."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Apply = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Windows:
    """Windows of `length` steps of the time axis `axis`; neighbours share at least the part `overlap` of one."""

    length: int
    axis: int = 2
    overlap: float = 0.5

    def starts(self, n: int) -> list[int]:
        """Where windows begin in a piece of n steps, evenly spread: the first at 0, the last ends with the piece."""
        if n <= self.length:
            return [0]
        hop = max(1, int(self.length * (1.0 - self.overlap)))
        count = -(-(n - self.length) // hop) + 1
        return [round(i * (n - self.length) / (count - 1)) for i in range(count)]

    def blend(self, apply: Apply, x: Tensor) -> Tensor:
        """`apply` on each window of x, and the mean of what they say, each weighted by a triangle.

        `apply` may stretch the time axis by a whole number. With a velocity this is MultiDiffusion (Bar-Tal et al.
        2023) for flows. A piece no longer than a window goes through in one.
        """
        n = x.shape[self.axis]
        if n <= self.length:
            return apply(x)
        total, weight = torch.zeros(0), torch.zeros(0)
        for start in self.starts(n):
            piece = apply(x.narrow(self.axis, start, self.length))
            scale = piece.shape[self.axis] // self.length
            ramp = self._triangle(piece)
            if not total.numel():
                total = piece.new_zeros(_stretched(piece, self.axis, n * scale))
                weight = ramp.new_zeros(_stretched(ramp, self.axis, n * scale))
            total.narrow(self.axis, start * scale, self.length * scale).add_(piece * ramp)
            weight.narrow(self.axis, start * scale, self.length * scale).add_(ramp)
        return total / weight

    def _triangle(self, piece: Tensor) -> Tensor:
        """Weights that rise from each end to the middle and are nowhere 0; one number a step."""
        n = piece.shape[self.axis]
        rise = torch.arange(1, n + 1, dtype=piece.dtype, device=piece.device)
        shape = [1] * piece.dim()
        shape[self.axis] = n
        return torch.minimum(rise, rise.flip(0)).view(shape)


def _stretched(x: Tensor, axis: int, n: int) -> list[int]:
    shape = list(x.shape)
    shape[axis] = n
    return shape
