"""Laws of the front end."""

import math

import pytest
import torch
from torch import Tensor

from generators.audio.mel import (
    FLOOR,
    MelConfig,
    left_right,
    log_mel,
    mel_filters,
    mel_of,
    mid_side,
    spectrum,
    views_of,
)
from generators.errors import InvalidAudio

CONFIG = MelConfig()


def _sine(hz: float, samples: int, level: float = 1.0) -> Tensor:
    return level * torch.sin(2 * math.pi * hz * torch.arange(samples) / CONFIG.sample_rate)


@pytest.mark.parametrize("samples", [1, 511, 512, 513, 2048, 5000])
def test_there_is_a_frame_for_every_hop_that_has_begun(samples: int) -> None:
    views = log_mel(torch.zeros(2, samples), CONFIG)

    assert views.shape == (3, CONFIG.bands, -(-samples // CONFIG.hop))


def test_every_band_hears_something_and_weighs_to_one() -> None:
    filters = mel_filters(CONFIG)

    assert torch.allclose(filters.sum(1), torch.ones(CONFIG.bands), atol=1e-5)
    assert bool((filters @ torch.arange(CONFIG.bins).float()).diff().gt(0).all())  # in order, none twice


def test_a_sine_at_full_scale_has_size_one_at_its_bin() -> None:
    sound = _sine(100 * CONFIG.sample_rate / CONFIG.n_fft, 8192)

    size = spectrum(sound, CONFIG).abs()[:, 8]

    assert float(size[100]) == pytest.approx(1.0, abs=1e-4)
    assert int(size.argmax()) == 100


def test_silence_lies_at_the_floor_and_in_balance() -> None:
    views = log_mel(torch.zeros(2, 4096), CONFIG)

    assert torch.allclose(views[:2], torch.tensor(math.log(FLOOR)))
    assert torch.equal(views[2], torch.zeros_like(views[2]))


def test_twice_as_loud_is_the_same_mel_higher_by_ln_2() -> None:
    torch.manual_seed(0)
    sound = 0.2 * torch.randn(2, 8192)

    change = log_mel(2.0 * sound, CONFIG) - log_mel(sound, CONFIG)

    assert torch.allclose(change[:2], torch.tensor(math.log(2.0)), atol=1e-4)
    assert torch.allclose(change[2], torch.tensor(0.0), atol=1e-4)


def test_sound_in_the_middle_has_no_side_and_swapping_sides_turns_the_balance_round() -> None:
    tone = _sine(440.0, 8192, 0.5)
    centre = log_mel(torch.stack([tone, tone]), CONFIG)
    left = log_mel(torch.stack([tone, 0.25 * tone]), CONFIG)
    right = log_mel(torch.stack([0.25 * tone, tone]), CONFIG)

    assert torch.allclose(centre[1], torch.tensor(math.log(FLOOR)))
    assert torch.allclose(left[2], -right[2])
    assert float(left[2].max()) == pytest.approx(math.log(4.0), abs=1e-3)


def test_middle_and_side_go_back_to_left_and_right() -> None:
    stereo = torch.randn(3, 2, 100)

    assert torch.allclose(left_right(mid_side(stereo)), stereo, atol=1e-6)


def test_views_of_spectra_are_those_of_the_sound() -> None:
    torch.manual_seed(0)
    sound = 0.1 * torch.randn(2, 4096)
    filters = mel_filters(CONFIG)

    views = views_of(spectrum(sound, CONFIG), filters)

    assert torch.allclose(views[0], mel_of(spectrum(mid_side(sound)[0], CONFIG).abs(), filters), atol=1e-4)


@pytest.mark.parametrize(
    ("sound", "fault"),
    [
        (torch.zeros(1, 4096), "not stereo"),
        (torch.zeros(4096), "not stereo"),
        (torch.zeros(2, 0), "empty"),
        (torch.full((2, 4096), float("nan")), "not numbers"),
        (torch.full((2, 4096), float("inf")), "not numbers"),
    ],
)
def test_what_is_not_stereo_sound_is_refused(sound: Tensor, fault: str) -> None:
    with pytest.raises(InvalidAudio, match=fault):
        log_mel(sound, CONFIG)
