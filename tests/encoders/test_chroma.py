"""Laws of the pitch classes."""

import pytest
import torch

from encoders.chroma import chroma, chroma_filters
from encoders.mel import SAMPLE_RATE


def _tone(pitch: float, seconds: float = 3.0) -> torch.Tensor:
    hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    return torch.sin(2 * torch.pi * hz * torch.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)[None].float()


@pytest.mark.parametrize("pitch", [45, 48, 57, 60, 66, 71, 81])
def test_a_tone_sounds_in_its_own_class(pitch: int) -> None:
    assert int(chroma(_tone(pitch), chroma_filters()).argmax()) == pitch % 12


def test_a_semitone_up_turns_the_classes_by_one() -> None:
    chord = _tone(57) + _tone(60) + _tone(64)
    higher = _tone(58) + _tone(61) + _tone(65)

    here, there = (chroma(x, chroma_filters())[0] for x in (chord, higher))

    assert torch.allclose(here.roll(1), there, atol=0.02)


def test_shares_add_up_to_one_at_any_level_and_length() -> None:
    short, long = (_tone(57, s) + _tone(64, s) for s in (5.0, 10.0))

    quiet, loud = chroma(0.01 * short, chroma_filters()), chroma(long, chroma_filters())

    assert float(quiet.sum()) == pytest.approx(1.0, abs=1e-4)
    assert torch.allclose(quiet, loud, atol=0.01)


def test_silence_has_no_classes() -> None:
    assert float(chroma(torch.zeros(1, 3 * SAMPLE_RATE), chroma_filters()).sum()) == 0.0
