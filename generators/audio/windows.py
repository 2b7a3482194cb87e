"""Long music by windows: they share their noise and their plan, and at every step their velocities are cross-faded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generators.audio.conditions import Conditions
from generators.flow.solver import Velocity

WINDOW = 176  # latents that the net sees at once, 8.2 s; it was trained on clips of this length
OVERLAP = 48
AT_ONCE = 8  # windows in one call of the net: bounds the memory
LEAST = 1e-3  # weight at a window's edge

VelocityOf = Callable[[Conditions], Velocity]


@dataclass(frozen=True)
class Layout:
    """Windows as places int [K W] in a piece of T frames, and the weights [K W] that add up to 1 at every place."""

    places: Tensor
    weights: Tensor
    frames: int

    def gathered(self, x: Tensor) -> Tensor:
        """The windows [K W C] of a piece [1 T C]."""
        return x[0, self.places]

    def blended(self, parts: Tensor) -> Tensor:
        """The piece [1 T C] of windows [K W C]: their weighted sum."""
        out = parts.new_zeros(self.frames, parts.shape[-1])
        weighted = parts * self.weights[..., None]
        return out.index_add(0, self.places.flatten(), weighted.flatten(0, 1))[None]

    def kept(self, asked: Tensor) -> "Layout":
        """Only the windows in which something is asked for, bool [T]; nothing is known of the other places."""
        some = asked[self.places].any(dim=1)
        return Layout(self.places[some], self.weights[some], self.frames)


def layout(frames: int, *, circular: bool = False, size: int = WINDOW, overlap: int = OVERLAP) -> Layout:
    """Windows of one size that cover a piece, at least `overlap` shared with the next.

    A circular piece has no first and no last window: every place, the seam too, lies inside a window. One that is
    shorter than a window has two, half a turn apart.
    """
    size = min(size, frames)
    stride = max(1, size - overlap)
    if circular:
        count = max(2, -(-frames // stride))
        starts = [round(k * frames / count) for k in range(count)]
    else:
        count = 1 + max(0, -(-(frames - size) // stride))
        starts = [round(k * (frames - size) / max(1, count - 1)) for k in range(count)]
    places = (torch.tensor(starts)[:, None] + torch.arange(size)[None]) % frames
    weights = _faded(starts, size, frames=frames, circular=circular)
    total = torch.zeros(frames).index_add(0, places.flatten(), weights.flatten())
    return Layout(places, weights / total[places], frames)


def over_windows(velocity_of: VelocityOf, told: Conditions, windows: Layout) -> Velocity:
    """The velocity of a whole piece [1 T C] from a net that sees one window at a time.

    At each evaluation the velocities of overlapping windows are averaged, so that all windows agree on one piece
    (Bar-Tal et al. 2023, "MultiDiffusion", for flows).
    """
    chunks = [slice(a, a + AT_ONCE) for a in range(0, len(windows.places), AT_ONCE)]
    parts = told.at(windows.places)
    velocities = [velocity_of(parts.rows(chunk)) for chunk in chunks]

    def velocity(x_t: Tensor, t: Tensor) -> Tensor:
        seen = windows.gathered(x_t)
        rows: Sequence[Tensor] = [
            own(seen[chunk], t.expand(len(seen[chunk]))) for own, chunk in zip(velocities, chunks, strict=True)
        ]
        return windows.blended(torch.cat(list(rows)))

    return velocity


def _faded(starts: Sequence[int], size: int, *, frames: int, circular: bool) -> Tensor:
    """Weights [K W] that rise and fall over what a window shares with its neighbours."""
    weights = torch.ones(len(starts), size)
    for k, start in enumerate(starts):
        before = start - starts[k - 1] if k else (start - starts[-1]) % frames
        after = starts[k + 1] - start if k + 1 < len(starts) else (starts[0] - start) % frames
        if k or circular:
            shared = max(1, size - before)
            weights[k, :shared] *= torch.linspace(LEAST, 1.0, shared)
        if k + 1 < len(starts) or circular:
            shared = max(1, size - after)
            weights[k, size - shared :] *= torch.linspace(1.0, LEAST, shared)
    return weights
