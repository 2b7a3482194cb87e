"""Laws of the inverse transform and its stream."""

import math

import pytest
import torch
from torch import Tensor

from generators.audio.inverse import Inverse, agreed, overlap_add
from generators.audio.mel import MelConfig, left_right, mid_side, spectrum

MEL = MelConfig()


def _noise(hops: int) -> Tensor:
    return 0.1 * torch.randn(2, hops * MEL.hop, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("hops", [1, 2, 5, 30])
def test_the_inverse_undoes_the_transform(hops: int) -> None:
    sound = _noise(hops)

    assert torch.allclose(overlap_add(spectrum(sound, MEL), MEL), sound, atol=1e-5)


def test_frames_that_agree_already_stay() -> None:
    sound = _noise(12)

    assert torch.allclose(agreed(spectrum(sound, MEL), MEL, 3), sound, atol=1e-5)


def test_every_round_brings_frames_closer_together() -> None:
    size = spectrum(_noise(30), MEL).abs()
    turns = torch.rand(size.shape, generator=torch.Generator().manual_seed(1))
    frames = torch.polar(size, 2 * math.pi * turns)

    misfits = [float((spectrum(agreed(frames, MEL, r), MEL).abs() - size).norm()) for r in (0, 1, 2, 4)]

    assert misfits == sorted(misfits, reverse=True)
    assert misfits[-1] < 0.7 * misfits[0]


@pytest.mark.parametrize("pieces", [[40], [1] * 40, [3, 17, 5, 15], [20, 20]])
def test_the_stream_is_the_whole_whatever_the_pieces(pieces: list[int]) -> None:
    size = spectrum(_noise(40), MEL).abs()
    frames = torch.polar(size, 6.28 * torch.rand(size.shape, generator=torch.Generator().manual_seed(1)))
    stream = Inverse(MEL)

    given = [stream.push(part) for part in frames.split(pieces, dim=-1)]
    given.append(stream.finish())

    assert torch.allclose(torch.cat(given, dim=1), left_right(agreed(frames, MEL, 2)), atol=1e-5)


def test_the_stream_forgets_what_is_settled() -> None:
    stream = Inverse(MEL)
    frames = spectrum(mid_side(_noise(100)), MEL)

    for part in frames.split(10, dim=-1):
        stream.push(part)

    assert stream._held.shape[-1] <= 10 + 2 * stream._context
