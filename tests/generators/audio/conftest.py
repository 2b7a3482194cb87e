"""A codec that is small and random, but whole: what it says depends on everything that it hears."""

import pytest
import torch
from torch import nn

from generators.audio.codec import AudioCodec
from generators.audio.vae import MelVae, MelVaeConfig
from generators.audio.vocoder import Vocoder, VocoderConfig

VAE = MelVaeConfig(channels=8, width=16, hidden=16, depth=1)
VOCODER = VocoderConfig(width=16, hidden=16, depth=1, shaped=64, phased=64, anchored=8)


def lively(module: nn.Module) -> None:
    """Make heads speak that begin at zero, and convolutions look around."""
    for name, parameter in module.named_parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.3 if "directions" in name else 0.15)


@pytest.fixture(scope="session")
def codec() -> AudioCodec:
    """Random weights, with statistics that are not those of white latents."""
    torch.manual_seed(0)
    vae, vocoder = MelVae(VAE).eval(), Vocoder(VOCODER).eval()
    lively(vae)
    lively(vocoder)
    vae.latent_mean.uniform_(-1.0, 1.0)
    vae.latent_std.uniform_(0.5, 2.0)
    for module in (vae, vocoder):
        module.requires_grad_(requires_grad=False)
    return AudioCodec(vae, vocoder)
