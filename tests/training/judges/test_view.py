"""The view of a sound: what counts in it and what does not."""

import numpy as np
import torch

from encoders.mel import SAMPLE_RATE
from training.judges.view import Looking, View, joined


def sound(hz: float) -> torch.Tensor:
    at = torch.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    return torch.stack([torch.sin(2 * torch.pi * hz * at), torch.sin(2 * torch.pi * 2 * hz * at)])


def test_a_tone_stands_in_its_pitch_class_in_every_octave() -> None:
    view = Looking()(sound(220.0))

    assert view.chroma.argmax(1).tolist() == [9, 9]
    assert view.mel.mean(-1).argmax(1)[0] < view.mel.mean(-1).argmax(1)[1]


def test_level_does_not_count() -> None:
    looking = Looking()

    quiet, loud = looking(0.01 * sound(300.0)), looking(sound(300.0))

    assert torch.allclose(quiet.chroma, loud.chroma, atol=1e-4)
    assert torch.allclose(quiet.mel.clamp(min=-2.0), loud.mel.clamp(min=-2.0), atol=1e-3)


def test_views_are_joined_and_chosen_by_row() -> None:
    one, two = Looking()(sound(200.0)), Looking()(sound(500.0))

    both = joined(one, two)

    assert isinstance(both, View)
    assert torch.equal(both.rows(np.array([2, 0])).mel, torch.stack([two.mel[0], one.mel[0]]))
    assert torch.equal(both.rows(np.array([3])).chroma, two.chroma[1:])
