"""Laws of the solvers: order of convergence against a closed form, and the number of evaluations."""

import math

import pytest
import torch
from torch import Tensor

from generators.flow.solver import SOLVERS, SolverName, time_grid

ORDER = {SolverName.EULER: 1, SolverName.MIDPOINT: 2, SolverName.HEUN: 2}
EVALUATIONS = {SolverName.EULER: 1, SolverName.MIDPOINT: 2, SolverName.HEUN: 2}


def _decay(x: Tensor, t: Tensor) -> Tensor:
    return -2.0 * t[:, None] * x  # x(1) = x(0) / e


def _error(name: SolverName, steps: int) -> float:
    *_, last = SOLVERS[name](_decay, torch.ones(1, 1, dtype=torch.float64), time_grid(steps).double())
    return abs(float(last) - math.exp(-1.0))


@pytest.mark.parametrize("name", list(SolverName))
def test_halving_the_step_divides_the_error_by_two_to_the_order(name: SolverName) -> None:
    ratio = _error(name, 32) / _error(name, 64)

    assert abs(math.log2(ratio) - ORDER[name]) < 0.15


@pytest.mark.parametrize("name", list(SolverName))
def test_every_solver_is_exact_for_a_constant_velocity(name: SolverName) -> None:
    x_0 = torch.randn(3, 5)
    *_, last = SOLVERS[name](lambda x, t: torch.full_like(x, 2.0), x_0, time_grid(7))

    assert torch.allclose(last, x_0 + 2.0, atol=1e-5)


@pytest.mark.parametrize("name", list(SolverName))
def test_a_step_costs_what_the_docstring_says(name: SolverName) -> None:
    calls: list[float] = []

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        calls.append(float(t[0]))
        return x

    states = list(SOLVERS[name](velocity, torch.zeros(1, 1), time_grid(6)))

    assert len(states) == 6
    assert len(calls) == 6 * EVALUATIONS[name]


@pytest.mark.parametrize("shift", [0.5, 1.0, 3.0])
def test_the_time_grid_rises_from_zero_to_one(shift: float) -> None:
    grid = time_grid(9, shift=shift)

    assert grid[0] == 0.0
    assert grid[-1] == 1.0
    assert bool((grid.diff() > 0).all())
