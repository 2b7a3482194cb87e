"""The mel VAE: four frames of log-mel views to one latent by one convolution, and back by a deep net.

The encoder is linear: the best linear encoder of a VAE is known in closed form, it is principal component analysis
(Tipping and Bishop 1999; Lucas et al. 2019). It is fitted in a minute, not trained, and latents are final from then on;
the decoder may learn as long as it likes. Trained together from nothing, both find the envelope long before any pitch.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from generators.audio.blocks import REACH, Norm, stack
from generators.audio.mel import FLOOR, VIEWS, MelConfig

FRAMES = 4  # of log-mel in one latent
VERSION = 2
CENTRES, SPREADS = (-7.5, -7.5, 0.0), (2.5, 2.5, 1.0)  # of the views in music, roughly
NOISE = 0.1  # standard deviation of the posterior, in white latents


@dataclass(frozen=True, slots=True)
class MelVaeConfig:
    """channels: of a latent; width and hidden: of the decoder's blocks; depth: blocks at each of its three rates."""

    channels: int = 64
    width: int = 192
    hidden: int = 384
    depth: int = 2
    bands: int = 128
    hop: int = 512
    n_fft: int = 2048
    sample_rate: int = 44_100
    version: int = VERSION

    @property
    def mel(self) -> MelConfig:
        """The front end that this codec was trained on."""
        return MelConfig(self.sample_rate, self.n_fft, self.hop, self.bands)

    @property
    def reach(self) -> int:
        """Latents to each side that one decoded frame can see, rounded up."""
        inner = REACH * self.depth
        return 1 + math.ceil(inner + inner / 2 + inner / 4) + 1


class MelVae(nn.Module):
    """Views [B 3 bands F] -> latent [B C F / 4] -> views, and the statistics that whiten latents."""

    centre: Tensor
    spread: Tensor
    latent_mean: Tensor
    latent_std: Tensor

    def __init__(self, config: MelVaeConfig) -> None:
        super().__init__()
        self.config = config
        width, inside = config.width, VIEWS * config.bands
        blocks = (width, config.hidden, config.depth)
        self.read = nn.Conv1d(inside, config.channels, FRAMES, stride=FRAMES)
        self.write = nn.ConvTranspose1d(config.channels, inside, FRAMES, stride=FRAMES)
        self.refine = nn.Sequential(
            nn.Conv1d(config.channels, width, 3, padding=1), stack(*blocks),
            nn.ConvTranspose1d(width, width, 2, stride=2), stack(*blocks),
            nn.ConvTranspose1d(width, width, 2, stride=2), stack(*blocks),
            Norm(width),
        )  # fmt: skip
        self.touch = nn.Conv1d(width, inside, 1)
        for parameter in self.touch.parameters():
            nn.init.zeros_(parameter)
        self.register_buffer("centre", torch.tensor(CENTRES)[:, None, None], persistent=False)
        self.register_buffer("spread", torch.tensor(SPREADS)[:, None, None], persistent=False)
        self.register_buffer("latent_mean", torch.zeros(config.channels))
        self.register_buffer("latent_std", torch.ones(config.channels))

    def encode(self, views: Tensor) -> Tensor:
        """Views [B 3 bands F], F a multiple of 4 -> mean of the latent [B C F / 4]; once white, it has a NOISE."""
        mean: Tensor = self.read(self.flat(views))
        return mean

    def decode(self, latent: Tensor) -> Tensor:
        """Latent [B C T] as `encode` gives it -> views [B 3 bands 4 T], levels not below the floor."""
        flat = self.write(latent) + self.touch(self.refine(self.whiten(latent)))
        out = flat.unflatten(1, (VIEWS, self.config.bands)) * self.spread + self.centre
        levels, balance = out.split((VIEWS - 1, 1), dim=1)
        return torch.cat([levels.clamp(min=math.log(FLOOR)), balance], dim=1)

    def flat(self, views: Tensor) -> Tensor:
        """Views [B 3 bands F] -> [B 3 * bands F], of about zero mean and unit variance."""
        return ((views - self.centre) / self.spread).flatten(1, 2)

    def whiten(self, latent: Tensor) -> Tensor:
        """Latent [B C T] -> zero mean and unit variance in every channel, over music."""
        return (latent - self.latent_mean[:, None]) / self.latent_std[:, None]

    def colour(self, white: Tensor) -> Tensor:
        """The inverse of `whiten`."""
        return white * self.latent_std[:, None] + self.latent_mean[:, None]
