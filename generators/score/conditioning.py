"""What the score flow is told, as tensors: controls, CLAP points, and latents that are already given."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.score.controls import WIDTH, WIDTHS, Controls

#: width of one bar's masks as the net reads them: each control's mask stands beside its values
MASKS = len(WIDTHS)


def local_width(channels: int, groups: int) -> int:
    """Width of the DiT's `local` input: controls, their masks, given latents and the groups given."""
    return WIDTH + MASKS + channels + groups


@dataclass(frozen=True)
class Conditioning:
    """What is known of each bar; values outside their masks must be zero.

    controls [B T WIDTH], masks [B T MASKS], clap [B T D] (zero: not given), given latents [B T C] in groups
    given_groups [B T G], valid bool [B T].
    """

    controls: Tensor
    masks: Tensor
    clap: Tensor
    given: Tensor
    given_groups: Tensor
    valid: Tensor

    @property
    def local(self) -> Tensor:
        """The DiT's `local` input [B T L]."""
        return torch.cat([self.controls, self.masks, self.given, self.given_groups], dim=-1)

    @property
    def embedding(self) -> Tensor:
        """The DiT's `embedding` input [B T D + 1]: CLAP and a flag that says whether it is given."""
        flag = (self.clap.abs().sum(-1, keepdim=True) > 0).to(self.clap.dtype)
        return torch.cat([self.clap, flag], dim=-1)

    def to(self, device: str) -> "Conditioning":
        """The same on another device."""
        return Conditioning(*(getattr(self, f.name).to(device) for f in fields(self)))

    def repeated(self, times: int) -> "Conditioning":
        """The same for a batch of draws: [B * times T ...]."""
        return Conditioning(*(torch.cat([getattr(self, f.name)] * times) for f in fields(self)))

    def at(self, bars: Tensor, *, given: Tensor, groups: Tensor) -> "Conditioning":
        """The same at some bars, with other given latents and groups there."""
        return Conditioning(
            self.controls[:, bars], self.masks[:, bars], self.clap[:, bars], given, groups, self.valid[:, bars]
        )

    def freed(self) -> "Conditioning":
        """The same without CLAP and without curves: what guidance moves away from. Form, metre and givens stay."""
        masks = self.masks * self.masks.new_tensor([name in ("form", "place", "metre") for name in WIDTHS])
        widths = torch.tensor(list(WIDTHS.values()), device=masks.device)
        wide = torch.repeat_interleave(masks, widths, dim=-1)
        return Conditioning(
            self.controls * wide, masks, torch.zeros_like(self.clap), self.given, self.given_groups, self.valid
        )


def from_controls(
    controls: Controls, clap: NDArray[np.float32], *, given: NDArray[np.float32], given_groups: NDArray[np.bool_]
) -> Conditioning:
    """A batch of one: controls of T bars, CLAP point [D] or one a bar [T D], given latents [T C] in groups [T G]."""
    values, masks = controls.stacked()
    points = np.broadcast_to(clap, (controls.bars, clap.shape[-1]))
    return Conditioning(
        torch.from_numpy(values)[None],
        torch.from_numpy(masks.astype(np.float32))[None],
        torch.from_numpy(points.copy())[None],
        torch.from_numpy(given)[None],
        torch.from_numpy(given_groups.astype(np.float32))[None],
        torch.ones(1, controls.bars, dtype=torch.bool),
    )
