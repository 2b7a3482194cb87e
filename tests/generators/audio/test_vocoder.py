"""Laws of the vocoder's network."""

import math

import pytest
import torch

from generators.audio.codec import AudioCodec
from generators.audio.mel import MelConfig, mel_filters, mel_of, mid_side, spectrum
from generators.audio.vocoder import Vocoder, VocoderConfig, interpolation, sloping


def test_a_new_vocoder_reads_magnitudes_off_the_mel() -> None:
    config = MelConfig()
    smooth = torch.linspace(-2.0, -7.0, config.bins)[:, None].expand(-1, 8)
    level = mel_of(smooth.exp(), mel_filters(config))
    views = torch.stack([level, level, torch.zeros_like(level)])[None]

    new = Vocoder(VocoderConfig(width=16, hidden=16, depth=1, shaped=64, phased=64, anchored=8))
    told = new.requires_grad_(requires_grad=False)(views)

    assert float((told.level[0, 0] - smooth)[4:-16].abs().max()) < 0.1


def test_every_bin_lies_between_the_two_bands_that_it_is_read_off() -> None:
    config = MelConfig()
    places = mel_filters(config) @ torch.arange(config.bins).float()

    below, share = interpolation(config)

    inside = torch.arange(2, int(places[-1]))
    found = torch.lerp(places[below], places[below + 1], share)
    assert torch.allclose(found[inside], inside.float(), atol=1e-2)
    assert int(below.min()) == 0
    assert int(below.max()) == config.bands - 2
    assert 0.0 <= float(share.min()) < float(share.max()) <= 1.0


def test_what_is_told_has_a_place_for_every_bin_that_it_speaks_of(codec: AudioCodec) -> None:
    config = codec.vocoder.config

    told = codec.vocoder(torch.randn(2, 3, config.bands, 9))

    assert told.level.shape == (2, 2, config.mel.bins, 9)
    assert told.turn.shape == told.lean.shape == (2, 2, config.phased, 9)
    assert told.cross.shape == (2, config.phased, 9)
    assert told.anchor.shape == (2, config.anchored, 9)


def test_a_frame_is_told_from_its_reach_and_nothing_else(codec: AudioCodec) -> None:
    views, here = torch.randn(1, 3, 128, 61), 30
    moved = views.clone()
    moved[..., here] += 3.0

    change = (codec.vocoder(moved).turn - codec.vocoder(views).turn).abs().amax((0, 1, 2))

    seen = change.nonzero().flatten()
    reach = codec.vocoder.config.reach
    assert (int(seen[0]), int(seen[-1])) == (here - reach + 1, here + reach)  # slopes look a frame back


@pytest.mark.parametrize("hz", [61.3, 220.0, 447.9, 1013.7])
def test_slopes_say_how_the_phase_of_a_steady_tone_turns(hz: float) -> None:
    config = VocoderConfig()
    t = torch.arange(40 * config.hop) / config.sample_rate
    tone = torch.sin(2 * math.pi * hz * t)
    pair = spectrum(mid_side(torch.stack([tone, 0.5 * tone])), config.mel)
    nearest = round(hz * config.n_fft / config.sample_rate)

    told = sloping(pair.abs().clamp(min=1e-5).log()[None], config)[0, 0, nearest, 8:-8]

    apart_hz = told.angle() / (2 * math.pi) * config.sample_rate / config.hop + (
        nearest * config.sample_rate / config.n_fft - hz
    )
    assert float(apart_hz.mean().abs()) < 0.05 * config.sample_rate / config.n_fft
