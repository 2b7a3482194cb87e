"""Dynamic programming over a fine lattice of time: which bars, bent by how much, put bar lines and beats on targets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.score.score import Metre

#: Bars may bend by this much against the nominal tempo; the search leaves a little for exact settling.
BEND_LIMIT = 0.04
SEARCH_BEND = 0.036
_STRONG = 0.6  # weight from which a target may justify dropped beats


@dataclass(frozen=True)
class Targets:
    """Moments worth meeting: `times_s` [S] rising and their weights 0..1 [S]."""

    times_s: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a draft pays for: a fully bent bar, dropped beats inside, a short last bar in whole beats or not.

    A target of weight 1 that gets a downbeat earns 1, so the prices read as shares of a met cut.
    """

    bend: float = 0.03
    drop: float = 0.4
    last_beats: float = 0.15
    last_eighths: float = 0.35


@dataclass(frozen=True, slots=True)
class Draft:
    """Bars as found on the lattice: steps and lengths in seconds of each; of two drafts the lower cost is better."""

    cost: float
    steps: tuple[int, ...]
    lengths_s: tuple[float, ...]


@dataclass(frozen=True)
class _Options:
    """Every shape that a bar may take: steps, lattice length and price, one entry each."""

    steps: NDArray[np.int64]
    lengths: NDArray[np.int64]
    prices: NDArray[np.float64]

    def __add__(self, other: "_Options") -> "_Options":
        return _Options(
            np.concatenate([self.steps, other.steps]),
            np.concatenate([self.lengths, other.lengths]),
            np.concatenate([self.prices, other.prices]),
        )


def place_values(metre: Metre) -> NDArray[np.float64]:
    """How good each step of a full bar is as the place of a cut: downbeat 1, half bar, beat, eighth, sixteenth."""
    values = np.full(metre.steps_per_bar, 0.1)
    values[::2] = 0.2
    values[:: metre.steps_per_beat] = 0.45
    if metre is not Metre.THREE_FOUR:
        values[metre.steps_per_bar // 2] = 0.55
    values[0] = 1.0
    return values


def search(
    targets: Targets, duration_s: float, *, tempo_bpm: float, metre: Metre, whole_bars: bool, prices: Prices
) -> Draft | None:
    """The cheapest run of bars of one nominal tempo that fills the duration, or None where none fits.

    `whole_bars` forbids dropped beats and a short last bar, as loops need it.
    """
    ticks = max(1, round(duration_s / (0.01 if duration_s <= 120.0 else 0.02)))
    tick_s = duration_s / ticks
    step_ticks = 60.0 / tempo_bpm / metre.steps_per_beat / tick_s
    at = np.rint(targets.times_s / tick_s).astype(np.int64)
    strong = at[targets.weights >= _STRONG]
    full = _shapes(metre.steps_per_bar, step_ticks, 0.0, prices, metre)
    drops = _Options(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))
    last = full
    if not whole_bars:
        if len(strong):
            for steps in range(metre.steps_per_bar // 2, metre.steps_per_bar):
                if steps % metre.steps_per_beat == 0:
                    drops += _shapes(steps, step_ticks, prices.drop, prices, metre)
        for steps in range(2, metre.steps_per_bar, 2):
            price = prices.last_eighths if steps % metre.steps_per_beat else prices.last_beats
            last += _shapes(steps, step_ticks, price, prices, metre)
    inner = full + drops
    may_drop = np.zeros(ticks + 1, dtype=bool)
    for shift in (-1, 0, 1):
        may_drop[np.clip(strong + shift, 0, ticks)] = True
    fixed = np.arange(len(inner.steps)) >= len(full.steps)
    cost, choice = _sweep(inner, fixed, may_drop, gains=_gains(inner, at, targets.weights, metre, ticks))
    ends = ticks - last.lengths
    final = np.where(ends >= 0, cost[np.maximum(ends, 0)], np.inf) + last.prices
    if not np.isfinite(final).any():
        return None
    final -= _gains(last, at, targets.weights, metre, ticks)[:, ticks]
    best = int(np.argmin(final))
    bars = [(int(last.steps[best]), int(last.lengths[best]))]
    end = ticks - bars[0][1]
    while end > 0:
        option = int(choice[end])
        bars.append((int(inner.steps[option]), int(inner.lengths[option])))
        end -= int(inner.lengths[option])
    bars.reverse()
    return Draft(float(final[best]), tuple(s for s, _ in bars), tuple(n * tick_s for _, n in bars))


def _shapes(steps: int, step_ticks: float, price: float, prices: Prices, metre: Metre) -> _Options:
    nominal = steps * step_ticks
    low, high = int(np.ceil(nominal * (1 - SEARCH_BEND))), int(np.floor(nominal * (1 + SEARCH_BEND)))
    lengths = np.arange(max(low, 1), high + 1, dtype=np.int64)
    bend = (lengths / nominal - 1.0) / BEND_LIMIT
    cost = price + prices.bend * bend**2 * steps / metre.steps_per_bar
    return _Options(np.full(len(lengths), steps, np.int64), lengths, cost)


def _gains(
    options: _Options, at: NDArray[np.int64], weights: NDArray[np.float64], metre: Metre, ticks: int
) -> NDArray[np.float32]:
    """What each option earns when it ends at each tick [options, ticks + 1]."""
    values = place_values(metre)
    out = np.zeros((len(options.steps), ticks + 1), np.float32)
    if not len(at):
        return out
    for row, (steps, length) in enumerate(zip(options.steps, options.lengths, strict=True)):
        offsets = np.rint(np.arange(steps) * (length / steps)).astype(np.int64)
        starts = at[:, None] - offsets[None, :]
        ends = starts + length
        earned = weights[:, None] * values[None, :steps]
        fits = (starts >= 0) & (ends <= ticks)
        out[row] += np.bincount(ends[fits], earned[fits], minlength=ticks + 1).astype(np.float32)
    return out


def _sweep(
    options: _Options, restricted: NDArray[np.bool_], allowed: NDArray[np.bool_], *, gains: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cheapest cost of a bar line at each tick, and the option that ends there.

    Blocks as long as the shortest bar are solved at once, since no bar begins and ends inside one.
    """
    ticks = gains.shape[1] - 1
    if not len(options.lengths):
        start = np.where(np.arange(ticks + 1) == 0, 0.0, np.inf)
        return start, np.zeros(ticks + 1, np.int64)
    pad, block = int(options.lengths.max()), int(options.lengths.min())
    cost = np.full(pad + ticks + 1, np.inf)
    cost[pad] = 0.0
    choice = np.zeros(ticks + 1, np.int64)
    for begin in range(1, ticks + 1, block):
        ends = np.arange(begin, min(begin + block, ticks + 1))
        total = cost[pad + ends[None, :] - options.lengths[:, None]]
        total += options.prices[:, None]
        total -= gains[:, ends[0] : ends[-1] + 1]
        total[restricted] += np.where(allowed[ends], 0.0, np.inf)
        best = np.argmin(total, axis=0)
        choice[ends] = best
        cost[pad + ends] = total[best, np.arange(len(ends))]
    return cost[pad:], choice
