"""Matrices in eight bits: each row as whole numbers and the size of one (Dettmers et al. 2022, "LLM.int8()", rows)."""

from collections.abc import Mapping

import torch
from torch import Tensor

from generators.errors import BadWeights

LARGEST = 127
LEAST = 4096  # numbers; what is smaller is not worth it, and norms and biases forgive less
STEP = "::step"  # after a matrix's name: the size of one, float32 [rows]


def in_eight_bits(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same state with every large matrix as int8 of its shape and, as `NAME::step`, the size of one in each row.

    A row is what belongs to one place of the first axis; it is off by half a step at most, -43 dB in a normal one. What
    is in eight bits already stays as it is.
    """
    packed: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.ndim < 2 or value.numel() < LEAST or not value.is_floating_point():
            packed[name] = value
            continue
        rows = value.float().flatten(1)
        step = rows.abs().amax(1) / LARGEST
        whole = torch.where(step[:, None] > 0.0, rows / step[:, None], 0.0).round()
        packed[name] = whole.to(torch.int8).view(value.shape)
        packed[name + STEP] = step
    return packed


def in_floats(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state that was packed, matrices in float32; one that never was is the same.

    Raises:
        BadWeights: a matrix and its steps do not belong together.
    """
    steps = {name.removesuffix(STEP): value for name, value in state.items() if name.endswith(STEP)}
    if unknown := next((name for name, step in steps.items() if not _fits(state.get(name), step)), None):
        raise BadWeights(f"{unknown} is not a matrix in eight bits with a step for each row")
    return {
        name: value.float() * steps[name].view(-1, *[1] * (value.ndim - 1)) if name in steps else value
        for name, value in state.items()
        if not name.endswith(STEP)
    }


def _fits(matrix: Tensor | None, step: Tensor) -> bool:
    return matrix is not None and matrix.dtype == torch.int8 and matrix.ndim > 1 and step.shape == matrix.shape[:1]
