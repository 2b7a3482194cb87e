"""A small velocity net for single vectors: the flow head that adapters are."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from generators.flow.embedding import time_features


@dataclass(frozen=True, slots=True)
class FlowHeadConfig:
    """channels: of x_t; condition: width of the conditioning vector."""

    channels: int
    condition: int
    width: int = 384
    depth: int = 4


class ResidualLayer(nn.Module):
    """x + gate * MLP(norm(x) scaled and shifted by the condition)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 2 * width)
        self.shrink = nn.Linear(2 * width, width)
        self.modulate = nn.Linear(width, 3 * width)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Both [B W]."""
        shift, scale, gate = self.modulate(condition).chunk(3, dim=-1)
        h = functional.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift
        out: Tensor = x + gate * self.shrink(functional.silu(self.expand(h)))
        return out


class FlowHead(nn.Module):
    """(x_t [B C], t [B], condition [B F]) -> velocity [B C] (the per-token head of Li et al. 2024, as a flow)."""

    def __init__(self, config: FlowHeadConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(config.channels, config.width)
        self.time = nn.Linear(128, config.width)
        self.read = nn.Sequential(
            nn.Linear(config.condition, config.width), nn.SiLU(), nn.Linear(config.width, config.width)
        )
        self.layers = nn.ModuleList(ResidualLayer(config.width) for _ in range(config.depth))
        self.leave = nn.Linear(config.width, config.channels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x_t: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """The velocity at x_t."""
        c = functional.silu(self.time(time_features(t, 128)) + self.read(condition))
        x = self.enter(x_t)
        for layer in self.layers:
            x = layer(x, c)
        velocity: Tensor = self.leave(functional.layer_norm(x, x.shape[-1:]))
        return velocity
