"""Settling: bar lines moved to exact times, so that pinned steps fall on their cuts and bends stay smooth and small."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SMOOTH = 2.0  # price of a change of bend between neighbours, against 1 for bend itself
_PULL = 1e7  # price of a squared second of error at a pin; far above any bend, so pins bind where they can


@dataclass(frozen=True, slots=True)
class Pin:
    """A step of a bar that should fall on a time."""

    bar: int
    step: int
    time_s: float
    weight: float


def settle(
    steps: tuple[int, ...], step_s: float, duration_s: float, *, pins: tuple[Pin, ...], limit: float
) -> NDArray[np.float64]:
    """Bar lines [T + 1] from 0 to `duration_s`: least squares over bends with pins pulling hard, bends within limit.

    Where the duration itself lies beyond the limit, the limit is widened to the even spread and every bar takes it.
    """
    size = np.asarray(steps, np.float64) * step_s
    needed = duration_s / float(size.sum()) - 1.0
    if abs(needed) >= limit:
        return _lines(size * (1.0 + needed), duration_s)
    rows, goal, pull = _rows(size, steps, pins)
    rows = np.vstack([rows, size])
    goal = np.append(goal, duration_s - float(size.sum()))
    pull = np.append(pull, 100.0 * _PULL)
    normal = np.diag(size / size.max()) + rows.T @ (rows * pull[:, None])
    change = np.diff(np.eye(len(size)), axis=0)
    normal += _SMOOTH * change.T @ change
    bend = _bounded(normal, rows.T @ (pull * goal), limit)
    return _lines(size * (1.0 + _filled(bend, size, duration_s, limit)), duration_s)


def time_at(lines: NDArray[np.float64], steps: tuple[int, ...], bar: int, step: float) -> float:
    """Seconds of a step; steps are equal within one bar."""
    return float(lines[bar] + (lines[bar + 1] - lines[bar]) * step / steps[bar])


def _rows(
    size: NDArray[np.float64], steps: tuple[int, ...], pins: tuple[Pin, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """One linear equation in the bends a pin: rows [P, T], wanted right sides [P], pulls [P]."""
    rows = np.zeros((len(pins), len(size)))
    goal = np.zeros(len(pins))
    before = np.concatenate([[0.0], np.cumsum(size)])
    for i, pin in enumerate(pins):
        inside = size[pin.bar] * pin.step / steps[pin.bar]
        rows[i, : pin.bar] = size[: pin.bar]
        rows[i, pin.bar] = inside
        goal[i] = pin.time_s - before[pin.bar] - inside
    return rows, goal, np.array([_PULL * max(p.weight, 0.05) for p in pins])


def _bounded(normal: NDArray[np.float64], right: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """The least-squares bends with those beyond the limit held at it, a few rounds of an active set."""
    bend = np.zeros(len(right))
    free = np.ones(len(right), dtype=bool)
    for _ in range(12):
        bend[free] = np.linalg.solve(
            normal[np.ix_(free, free)], right[free] - normal[np.ix_(free, ~free)] @ bend[~free]
        )
        beyond = free & (np.abs(bend) > limit)
        if not beyond.any():
            break
        bend[beyond] = np.clip(bend[beyond], -limit, limit)
        free &= ~beyond
        if not free.any():
            break
    bend[:] = np.clip(bend, -limit, limit)
    return bend


def _filled(
    bend: NDArray[np.float64], size: NDArray[np.float64], duration_s: float, limit: float
) -> NDArray[np.float64]:
    """Bends with what the clipping took from the total given back where there is room."""
    missing = duration_s - float((size * (1.0 + bend)).sum())
    room = (limit - bend if missing > 0 else bend + limit) * size
    if missing == 0.0 or room.sum() <= 0.0:
        return bend
    bend += missing * room / room.sum() / size
    return bend


def _lines(lengths: NDArray[np.float64], duration_s: float) -> NDArray[np.float64]:
    lines = np.concatenate([[0.0], np.cumsum(lengths)])
    lines[-1] = duration_s
    return lines
