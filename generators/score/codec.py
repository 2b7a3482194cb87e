"""The bar codec: a VAE with shared weights that carries one role's bar to a latent and back, and one for harmony."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from generators.score.bars import NO_CHORD, ROWS, STEPS
from generators.score.score import QUALITIES, ROLES

GROUPS = 4  # of four steps in a bar
CHORD_WIDTH = 2 * (NO_CHORD + 1 + len(QUALITIES))  # two chords a bar: one-hot root or none, one-hot quality


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """channels: of one role's latent; harmony: of the harmony latent; width: of the hidden layers."""

    channels: int = 48
    harmony: int = 12
    width: int = 512


def chord_features(chords: Tensor) -> Tensor:
    """Chords int [... 2 2] -> one-hot [... CHORD_WIDTH]."""
    root = functional.one_hot(chords[..., 0].long(), NO_CHORD + 1)
    quality = functional.one_hot(chords[..., 1].long(), len(QUALITIES)) * (chords[..., :1] != NO_CHORD)
    return torch.cat([root, quality], dim=-1).flatten(-2).float()


class BarVae(nn.Module):
    """One role's bar -> latent [N C] -> bar; role and chords are told to both sides (Kingma and Welling 2014).

    A bar is four groups of four steps (the last is silent in bars of twelve). Groups share all weights and each has
    its own quarter of the latent, so that a figure is learned once for all places where it may stand.
    """

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        known = CHORD_WIDTH + len(ROLES) + GROUPS
        rolls = STEPS // GROUPS * (2 * ROWS + 1)
        self.read = nn.Sequential(
            nn.Linear(rolls + known, config.width), nn.GELU(), nn.Linear(config.width, config.width), nn.GELU()
        )
        self.moments = nn.Linear(config.width, 2 * config.channels // GROUPS)
        self.write = nn.Sequential(
            nn.Linear(config.channels // GROUPS + known, config.width),
            nn.GELU(),
            nn.Linear(config.width, config.width),
            nn.GELU(),
            nn.Linear(config.width, rolls),
        )

    def encode(self, bars: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """bars [N 16 177] (onset, sustain, velocity / 127), known [N K] -> mean and log variance [N C]."""
        groups = bars.flatten(1).unflatten(1, (GROUPS, -1))
        mean, log_var = self.moments(self.read(torch.cat([groups, _placed(known)], dim=-1))).chunk(2, dim=-1)
        return mean.flatten(1), log_var.flatten(1).clamp(-8.0, 4.0)

    def decode(self, latent: Tensor, known: Tensor) -> Tensor:
        """latent [N C], known [N K] -> logits of onset and sustain, and velocity / 127: [N 16 177]."""
        groups = latent.unflatten(1, (GROUPS, -1))
        out: Tensor = self.write(torch.cat([groups, _placed(known)], dim=-1)).flatten(1).unflatten(1, (STEPS, -1))
        return out


def _placed(known: Tensor) -> Tensor:
    """known [N K] -> [N GROUPS K + GROUPS]: the same for each group, and which group it is."""
    place = torch.eye(GROUPS, device=known.device).expand(len(known), -1, -1)
    return torch.cat([known[:, None].expand(-1, GROUPS, -1), place], dim=-1)


class HarmonyVae(nn.Module):
    """The two chords of a bar, one-hot [N CHORD_WIDTH] -> latent [N H] -> logits [N CHORD_WIDTH]."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Linear(CHORD_WIDTH, 256), nn.GELU(), nn.Linear(256, 2 * config.harmony))
        self.write = nn.Sequential(nn.Linear(config.harmony, 256), nn.GELU(), nn.Linear(256, CHORD_WIDTH))

    def encode(self, chords: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance [N H]."""
        mean, log_var = self.read(chords).chunk(2, dim=-1)
        return mean, log_var.clamp(-8.0, 4.0)

    def decode(self, latent: Tensor) -> Tensor:
        """Logits [N CHORD_WIDTH]."""
        out: Tensor = self.write(latent)
        return out


class Codec(nn.Module):
    """Both VAEs and the statistics that bring their latents to zero mean and unit variance, channel by channel."""

    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.bar = BarVae(config)
        self.harmony = HarmonyVae(config)
        self.register_buffer("latent_mean", torch.zeros(self.channels))
        self.register_buffer("latent_std", torch.ones(self.channels))

    @property
    def channels(self) -> int:
        """Channels of one bar: the harmony group, then one group a role."""
        return self.config.harmony + len(ROLES) * self.config.channels

    @property
    def groups(self) -> tuple[slice, ...]:
        """Channel slices: harmony first, then ROLES in order."""
        h, c = self.config.harmony, self.config.channels
        return (slice(0, h), *(slice(h + i * c, h + (i + 1) * c) for i in range(len(ROLES))))
