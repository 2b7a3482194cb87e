"""Laws of pulse and harmony as the audio tower is told them."""

import pytest
import torch

from encoders.hearing import GROUPS, HARMONY, LAGS, PULSE, harmony, pulse
from encoders.mel import HOP, SAMPLE_RATE

MAJOR = torch.tensor([1.0, 0, 0.5, 0, 0.8, 0.4, 0, 0.9, 0, 0.4, 0, 0.3])
MINOR = torch.tensor([1.0, 0, 0.5, 0.8, 0, 0.4, 0, 0.9, 0.4, 0, 0.3, 0])


def _clicks(period: int, frames: int = 215) -> torch.Tensor:
    mel = torch.full((1, 64, frames), -3.0)
    mel[:, :, ::period] = 0.0
    return mel


@pytest.mark.parametrize("period", [8, 11, 17, 30])
def test_clicks_repeat_at_their_period(period: int) -> None:
    shares = pulse(_clicks(period)).view(GROUPS, -1)[0]

    assert int(shares[: 2 * period - 6].argmax()) + LAGS[0] == period


def test_lags_span_quick_beats_to_slow_bars() -> None:
    seconds = [lag * HOP / SAMPLE_RATE for lag in LAGS]

    assert seconds[0] < 60.0 / 200.0
    assert seconds[1] > 4 * 60.0 / 60.0


def test_a_still_sound_has_no_pulse() -> None:
    assert float(pulse(torch.zeros(2, 64, 200)).abs().max()) == 0.0
    assert pulse(torch.zeros(2, 64, 200)).shape == (2, PULSE)


def test_the_better_key_tells_the_mode() -> None:
    major, minor = (harmony(x[None] / x.sum())[0] for x in (MAJOR, MINOR))

    assert major[0] > major[1]
    assert minor[0] < minor[1]


@pytest.mark.parametrize("profile", [MAJOR, MINOR])
@pytest.mark.parametrize("semitones", [1, 5, 11])
def test_the_same_music_in_another_key_is_told_the_same(profile: torch.Tensor, semitones: int) -> None:
    here, there = (harmony((x / x.sum())[None]) for x in (profile, profile.roll(semitones)))

    assert here.shape == (1, HARMONY)
    assert torch.allclose(here, there, atol=1e-5)


def test_silence_is_told_without_numbers_that_are_none() -> None:
    assert bool(torch.isfinite(harmony(torch.zeros(1, 12))).all())
