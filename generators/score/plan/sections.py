"""Sections: where the music changes, of four or eight bars where the picture lets it, and what each one is for."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from generators.errors import InvalidPlan
from generators.score.plan.brief import Brief
from generators.score.plan.grid import Grid
from generators.score.score import Form, Section

_LONGEST = 16
_LENGTH_PRICES = {8: 0.0, 4: 0.1, 16: 0.35, 12: 0.4, 6: 0.45, 2: 0.7, 1: 1.6, 3: 0.8}
_OTHER_PRICE = 0.7
_INTRO, _WITH_INTRO = 4, 12  # bars of an opening, and of a piece that has one
_SPAN_WORTH = 2.0  # a border of a span that somebody drew, against 1 for a cut of full weight
_CONTRAST = 0.12  # energies that differ by less are one level


def divide(brief: Brief, grid: Grid) -> tuple[Section, ...]:
    """Sections that cover every bar once: borders on strong cuts and span borders, forms from energy and order."""
    bars = len(grid.bars)
    if brief.loop and bars <= 8:
        return _labelled(brief, grid, [0, bars])
    if bars <= 2:
        return _labelled(brief, grid, [0, bars])
    if bars <= 5 and not brief.spans:
        return _labelled(brief, grid, [0, bars - 1 - (bars == 5), bars])
    return _labelled(brief, grid, _borders(_worths(brief, grid), loop=brief.loop))


def _worths(brief: Brief, grid: Grid) -> NDArray[np.float64]:
    """How much each bar line [T + 1] is worth as a border: heavy cuts on it, and span borders near it."""
    starts = np.array([b.start_s for b in grid.bars])
    worth = np.zeros(len(starts) + 1)
    for accent in grid.accents:
        if accent.bar is not None and accent.step == 0:
            worth[accent.bar] = max(worth[accent.bar], accent.cut.weight**2)
    for span in brief.spans:
        bar = int(np.argmin(np.abs(starts - span.start_s)))
        reach = grid.bars[bar].end_s - grid.bars[bar].start_s
        if abs(starts[bar] - span.start_s) <= reach / 2:
            worth[bar] += _SPAN_WORTH
    return worth


def _borders(worth: NDArray[np.float64], *, loop: bool) -> list[int]:
    """Bar lines of the cheapest division, by dynamic programming over section lengths."""
    bars = len(worth) - 1
    cost = np.full(bars + 1, np.inf)
    cost[0] = 0.0
    before = np.zeros(bars + 1, np.int64)
    for end in range(1, bars + 1):
        for length in range(1, min(_LONGEST, end) + 1):
            price = _LENGTH_PRICES.get(length, _OTHER_PRICE)
            if end == bars and not loop:
                price = 0.0 if length in (2, 4) else 0.3 + 0.1 * abs(length - 3)
            elif end == length == _INTRO and bars >= _WITH_INTRO and not loop:
                price = 0.0
            elif end == length and bars >= _WITH_INTRO and not loop:
                price += 0.25
            total = cost[end - length] + price + 0.12 - (worth[end] if end < bars else 0.0)
            if total < cost[end]:
                cost[end], before[end] = total, end - length
    out = [bars]
    while out[-1] > 0:
        out.append(int(before[out[-1]]))
    return out[::-1]


def _labelled(brief: Brief, grid: Grid, borders: list[int]) -> tuple[Section, ...]:
    spans = list(pairwise(borders))
    energies = [_energy(brief, grid, a, b) for a, b in spans]
    forms = _forms([b - a for a, b in spans], energies, loop=brief.loop)
    for i, (a, b) in enumerate(spans):
        asked = _asked(brief, grid, a, b)
        if asked is not None:
            forms[i] = asked
    return tuple(Section(f, a, b - a) for f, (a, b) in zip(forms, spans, strict=True))


def _energy(brief: Brief, grid: Grid, start: int, end: int) -> tuple[float, float] | None:
    """Mean energy of a section, and how much it rises inside; None where nobody gave a curve."""
    curve = brief.curves.get("energy")
    if curve is None:
        return None
    times = np.linspace(grid.bars[start].start_s, grid.bars[end - 1].end_s, 17)
    values = curve.at(times)
    return float(values.mean()), float(values[-4:].mean() - values[:4].mean())


def _forms(lengths: list[int], energies: list[tuple[float, float] | None], *, loop: bool) -> list[Form]:
    count = len(lengths)
    if loop:
        return [Form.A if i % 2 == 0 else Form.B for i in range(count)]
    if count == 1:
        return [Form.OUTRO]
    known = [e[0] for e in energies if e is not None]
    level = (min(known) + max(known)) / 2 if known and max(known) - min(known) > _CONTRAST else None
    forms = [_middle(i, lengths, energies, level=level) for i in range(count - 1)]
    opens_low = level is None or known[0] <= level
    if sum(lengths) >= _WITH_INTRO and lengths[0] <= max(_INTRO, sum(lengths) // 5) and opens_low and count > 2:
        forms[0] = Form.INTRO
    for i in range(1, count - 2):
        if forms[i] is Form.A and Form.B in forms[:i] and Form.B in forms[i + 1 :] and i >= count // 2:
            forms[i] = Form.BRIDGE
            break
    return [*forms, Form.OUTRO]


def _middle(i: int, lengths: list[int], energies: list[tuple[float, float] | None], *, level: float | None) -> Form:
    """A or B by energy, or in turns where energy says nothing; a short rise into a high section is a build."""
    here = energies[i]
    if level is None or here is None:
        return Form.B if i % 3 == 2 else Form.A
    after = energies[i + 1] if i + 1 < len(energies) - 1 else None
    if i > 0 and lengths[i] <= 8 and here[1] > _CONTRAST and after is not None and after[0] > max(level, here[0]):
        return Form.BUILD
    return Form.B if here[0] > level else Form.A


def _asked(brief: Brief, grid: Grid, start: int, end: int) -> Form | None:
    """The form that a span around the middle of a section asks for."""
    middle = (grid.bars[start].start_s + grid.bars[end - 1].end_s) / 2
    for span in brief.spans:
        if span.form is not None and span.start_s <= middle < span.end_s:
            if span.form not in set(Form):
                raise InvalidPlan(f"a span asks for form {span.form!r}; give one of {', '.join(Form)}")
            return Form(span.form)
    return None
