"""The vocoder: log-mel to short-time spectra, whose phases are told by how they turn and lean (a Vocos-like backbone).

Vocos (Siuzdak 2023) asks a network for the phase itself. A frame alone does not tell it: a steady tone has the same mel
in every frame and another phase. What a frame does tell is the *change* of phase: over time (instantaneous frequency),
over frequency (group delay) and between middle and side. The network gives each as a mean direction, a complex number
in the unit disc, long where it is sure (Masuyama et al. 2020); `generators.audio.phase` walks along them.

How a phase turns also shows in how the magnitudes around it slope: for a Gaussian window exactly (Prusa and Sondergaard
2016, phase gradient heap integration). The network is given that, and says in each bin how far it is to be trusted:
a band of 20 Hz holds no semitone of a bass, the slope between two of them does.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from generators.audio.blocks import REACH, Norm, stack
from generators.audio.mel import CHANNELS, VIEWS, MelConfig, mel_filters
from generators.audio.vae import CENTRES, SPREADS

VERSION = 2
GAUSSIAN = 0.25645  # a Hann window of N samples is nearest to exp(-pi t^2 / (GAUSSIAN N^2))
STEEPEST = 3.0  # slope in nepers a bin that is believed
PAIR = 2  # real and imaginary part


@dataclass(frozen=True, slots=True)
class VocoderConfig:
    """width, hidden and depth of the backbone.

    shaped: bins whose magnitude is drawn one by one, above them the mel is enough; phased: bins whose phase is told,
    above them it is that of noise; anchored: bins that may tell their phase outright, for drums.
    """

    width: int = 192
    hidden: int = 384
    depth: int = 6
    shaped: int = 512
    phased: int = 256
    anchored: int = 48
    bands: int = 128
    hop: int = 512
    n_fft: int = 2048
    sample_rate: int = 44_100
    version: int = VERSION

    @property
    def mel(self) -> MelConfig:
        """The front end whose views are turned into sound."""
        return MelConfig(self.sample_rate, self.n_fft, self.hop, self.bands)

    @property
    def reach(self) -> int:
        """Frames to each side that one frame's spectrum can see."""
        return REACH * self.depth + 1


@dataclass(frozen=True)
class Spectra:
    """What the network tells of frames; middle first, side second; directions are complex, at most 1 long.

    level: log-magnitude [B 2 bins F]; turn: from the frame before, less that of the bin's own frequency [B 2 P F];
    lean: to the bin above [B 2 P F]; cross: from middle to side [B P F]; anchor: of the middle itself [B A F].
    """

    level: Tensor
    turn: Tensor
    lean: Tensor
    cross: Tensor
    anchor: Tensor


class Vocoder(nn.Module):
    """Views of frames -> spectra of frames, each from a bounded stretch around it."""

    centre: Tensor
    spread: Tensor
    below: Tensor
    share: Tensor

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        self.read = nn.Sequential(
            nn.Conv1d(VIEWS * config.bands, config.width, 1),
            Norm(config.width),
            stack(config.width, config.hidden, config.depth),
            Norm(config.width),
        )
        self.levels = nn.Linear(config.width, CHANNELS * config.shaped)
        self.steady = nn.Parameter(torch.zeros(CHANNELS, config.mel.bins))  # what a bin has more or less than its band
        self.directions = nn.Linear(config.width, PAIR * sum(self._counts()))
        self.trust = nn.Linear(config.width, CHANNELS * config.phased)  # in how slopes say that phases turn
        nn.init.normal_(self.levels.weight, std=1e-3)
        nn.init.zeros_(self.levels.bias)
        nn.init.normal_(self.directions.weight, std=1e-3)
        nn.init.zeros_(self.directions.bias)
        nn.init.zeros_(self.trust.weight)
        nn.init.constant_(self.trust.bias, 0.3)
        self.register_buffer("centre", torch.tensor(CENTRES)[:, None, None], persistent=False)
        self.register_buffer("spread", torch.tensor(SPREADS)[:, None, None], persistent=False)
        below, share = interpolation(config.mel)
        self.register_buffer("below", below, persistent=False)
        self.register_buffer("share", share[:, None], persistent=False)

    def forward(self, views: Tensor) -> Spectra:
        """Views [B 3 bands F] -> what is told of F frames."""
        seen = self.read(((views - self.centre) / self.spread).flatten(1, 2)).transpose(1, 2)
        drawn = self.levels(seen).float().unflatten(-1, (CHANNELS, -1)).permute(0, 2, 3, 1)
        low, high = (views[:, :CHANNELS, self.below + i] for i in (0, 1))
        level = torch.lerp(low, high, self.share) + self.steady[:, :, None]
        shaped = level[:, :, : self.config.shaped] + drawn
        told = self.directions(seen).float().unflatten(-1, (-1, PAIR))
        turn, lean, cross, anchor = torch.view_as_complex(told).transpose(1, 2).split(self._counts(), dim=1)
        level = torch.cat([shaped, level[:, :, self.config.shaped :]], dim=2)
        trust = self.trust(seen).float().unflatten(-1, (CHANNELS, -1)).permute(0, 2, 3, 1)
        return Spectra(
            level,
            turn.unflatten(1, (CHANNELS, -1)) + trust * sloping(level.detach(), self.config),
            lean.unflatten(1, (CHANNELS, -1)),
            cross,
            anchor,
        )

    def _counts(self) -> tuple[int, int, int, int]:
        return CHANNELS * self.config.phased, CHANNELS * self.config.phased, self.config.phased, self.config.anchored


def sloping(level: Tensor, config: VocoderConfig) -> Tensor:
    """How phases turn if windows were Gaussian, of log-magnitudes [B 2 bins F]: directions [B 2 P F]."""
    count = config.phased
    below = torch.cat([level[:, :, :1], level[:, :, : count - 1]], dim=2)
    slope = 0.5 * (level[:, :, 1 : count + 1] - below)
    between = torch.cat([slope[..., :1], 0.5 * (slope[..., 1:] + slope[..., :-1])], dim=-1)
    pace = config.hop / (GAUSSIAN * config.n_fft)
    angle = pace * between.clamp(-STEEPEST, STEEPEST)
    return torch.polar(torch.ones_like(angle), angle)


def interpolation(config: MelConfig) -> tuple[Tensor, Tensor]:
    """For each bin the lower of the two bands nearest to it [bins], and the share of the upper one [bins]."""
    bins = torch.arange(config.bins, dtype=torch.float32)
    places = mel_filters(config) @ bins
    below = (torch.searchsorted(places, bins) - 1).clamp(0, config.bands - 2)
    share = (bins - places[below]) / (places[below + 1] - places[below]).clamp(min=1e-6)
    return below, share.clamp(0.0, 1.0)
