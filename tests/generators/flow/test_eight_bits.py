"""Matrices in eight bits come back within half a step, and small things as they were."""

import pytest
import torch
from torch import Tensor

from generators.errors import BadWeights
from generators.flow.eight_bits import LARGEST, LEAST, STEP, in_eight_bits, in_floats


@pytest.fixture
def state() -> dict[str, Tensor]:
    """A matrix whose rows differ in size, one row of zeros, a kernel, a small matrix, a bias and a count."""
    random = torch.Generator().manual_seed(0)
    matrix = torch.randn(40, 128, generator=random) * torch.logspace(-4, 2, 40)[:, None]
    matrix[7] = 0.0
    return {
        "matrix": matrix,
        "kernel": torch.randn(64, 16, 5, generator=random).half(),
        "small": torch.randn(8, 8, generator=random),
        "bias": torch.randn(5000, generator=random),
        "count": torch.tensor(3),
    }


def test_every_row_comes_back_within_half_of_its_step(state: dict[str, Tensor]) -> None:
    packed = in_eight_bits(state)
    back = in_floats(packed)

    assert back.keys() == state.keys()
    for name in ("matrix", "kernel"):
        off = (back[name] - state[name].float()).flatten(1).abs().amax(1)
        assert packed[name].dtype == torch.int8
        assert back[name].shape == state[name].shape
        assert (off <= 0.5001 * state[name].float().flatten(1).abs().amax(1) / LARGEST).all()


def test_what_is_small_or_no_matrix_stays_to_the_bit(state: dict[str, Tensor]) -> None:
    back = in_floats(in_eight_bits(state))

    for name in ("small", "bias", "count"):
        assert state[name].ndim < 2 or state[name].numel() < LEAST
        assert back[name].dtype == state[name].dtype
        assert torch.equal(back[name], state[name])


def test_packing_twice_is_packing_once(state: dict[str, Tensor]) -> None:
    packed = in_eight_bits(state)
    again = in_eight_bits(packed)
    anew = in_eight_bits(in_floats(packed))

    assert again.keys() == anew.keys() == packed.keys()
    for name, value in packed.items():
        assert torch.equal(again[name], value)
        assert torch.allclose(anew[name].float(), value.float(), rtol=1e-6)


def test_a_state_that_never_was_packed_is_the_same(state: dict[str, Tensor]) -> None:
    assert in_floats(state) == state


def test_weights_that_are_not_numbers_stay_so() -> None:
    broken = torch.ones(64, 64)
    broken[3, 5] = torch.inf

    assert not torch.isfinite(in_floats(in_eight_bits({"matrix": broken}))["matrix"][3]).any()


@pytest.mark.parametrize("damaged", ["gone", "of fewer rows", "in floats"])
def test_steps_that_belong_to_no_matrix_are_bad_weights(state: dict[str, Tensor], damaged: str) -> None:
    packed = in_eight_bits(state)
    if damaged == "gone":
        del packed["matrix"]
    elif damaged == "of fewer rows":
        packed["matrix" + STEP] = packed["matrix" + STEP][1:]
    else:
        packed["matrix"] = packed["matrix"].float()

    with pytest.raises(BadWeights, match="matrix is not a matrix in eight bits"):
        in_floats(packed)
