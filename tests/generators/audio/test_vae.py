"""Laws of the mel VAE."""

import math

import pytest
import torch

from generators.audio.codec import AudioCodec
from generators.audio.mel import FLOOR
from generators.audio.vae import FRAMES, MelVae, MelVaeConfig


@pytest.mark.parametrize("latents", [1, 2, 7])
def test_four_frames_make_one_latent_and_one_latent_four_frames(codec: AudioCodec, latents: int) -> None:
    views = torch.randn(2, 3, 128, FRAMES * latents)

    latent = codec.vae.encode(views)

    assert latent.shape == (2, codec.channels, latents)
    assert codec.vae.decode(latent).shape == views.shape


def test_what_comes_back_is_never_below_the_floor(codec: AudioCodec) -> None:
    views = codec.vae.decode(20.0 * torch.randn(4, codec.channels, 9))

    assert float(views[:, :2].min()) == pytest.approx(math.log(FLOOR))
    assert float(views[:, 2].min()) < 0.0  # the balance has no floor


def test_colour_undoes_whiten(codec: AudioCodec) -> None:
    latent = torch.randn(2, codec.channels, 5)

    assert torch.allclose(codec.vae.colour(codec.vae.whiten(latent)), latent, atol=1e-5)
    assert not torch.allclose(codec.vae.whiten(latent), latent, atol=0.1)


def test_a_latent_is_heard_within_the_reach_and_nowhere_else(codec: AudioCodec) -> None:
    vae, here = codec.vae, 20
    latent = torch.randn(1, codec.channels, 41)
    moved = latent.clone()
    moved[..., here] += 3.0

    change = (vae.decode(moved) - vae.decode(latent)).abs().amax((0, 1, 2))

    heard = change.nonzero().flatten()
    assert here - vae.config.reach <= int(heard[0]) // FRAMES
    assert int(heard[-1]) // FRAMES <= here + vae.config.reach
    assert float(change[FRAMES * here]) > 0.0


def test_a_frame_is_told_by_its_own_latent_alone(codec: AudioCodec) -> None:
    vae, here = codec.vae, 81
    views = torch.randn(1, 3, 128, 164)
    moved = views.clone()
    moved[..., here] += 3.0

    change = (vae.encode(moved) - vae.encode(views)).abs().amax((0, 1))

    assert change.nonzero().flatten().tolist() == [here // FRAMES]


def test_a_decoder_that_has_learned_nothing_is_linear_above_the_floor() -> None:
    torch.manual_seed(0)
    vae = MelVae(MelVaeConfig(channels=4, width=16, hidden=16, depth=1)).eval().requires_grad_(requires_grad=False)
    a, b = torch.randn(2, 1, 4, 6).unbind(0)

    middle = vae.decode(0.5 * (a + b))

    assert torch.allclose(middle, 0.5 * (vae.decode(a) + vae.decode(b)), atol=1e-4)
