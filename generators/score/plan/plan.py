"""The planner: a brief in, a plan out; the same brief gives the same plan."""

import numpy as np
from numpy.typing import NDArray

from generators.errors import InvalidPlan
from generators.score.controls import Controls, one_hot_forms, place, scaled_tempo
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.grid import Grid, lay
from generators.score.plan.melody import melody_of
from generators.score.plan.orchestration import density_of, roles_of
from generators.score.plan.sections import divide
from generators.score.plan.themes import placements
from generators.score.score import Metre, Mode, Role, Section

CURVES = ("energy", "density", "brightness")


def plan(brief: Brief) -> Plan:
    """Bars, sections, accents and controls of a brief; raises InvalidPlan where the brief contradicts itself."""
    unknown = set(brief.curves) - set(CURVES)
    if unknown:
        raise InvalidPlan(f"no curve is called {', '.join(sorted(unknown))}; give any of {', '.join(CURVES)}")
    grid = lay(brief)
    sections = divide(brief, grid)
    return Plan(
        duration_s=brief.duration_s,
        tempo_bpm=grid.tempo_bpm,
        metre=brief.metre,
        key=brief.key,
        style=brief.style,
        bars=grid.bars,
        sections=sections,
        accents=grid.accents,
        controls=controls_of(brief, grid, sections),
        loop=brief.loop,
        harmony=None if brief.chart is None else brief.chart.over(sections),
        themes=placements(brief, grid),
        melody=melody_of(brief, grid, sections),
    )


def controls_of(brief: Brief, grid: Grid, sections: tuple[Section, ...]) -> Controls:
    """What each bar is asked to be: curves at bar middles, accents, form, place, tempo, metre, mode, and who plays.

    The accents of a bar are given where it or a neighbour holds one, and free elsewhere. Without an energy roles and
    density stay free.
    """
    bars = len(grid.bars)
    middles = np.array([(b.start_s + b.end_s) / 2 for b in grid.bars])
    where = place([(s.start_bar, s.bars) for s in sections], bars)
    if brief.loop:
        where[:, 2:] = 1.0  # a loop neither begins nor ends
    accents, given = _accents(grid)
    values: dict[str, NDArray[np.float32]] = {
        "accents": accents,
        "form": one_hot_forms([s.form for s in sections for _ in range(s.bars)]),
        "place": where,
        "tempo": np.full((bars, 1), scaled_tempo(grid.tempo_bpm), np.float32),
        "metre": np.tile(np.eye(len(Metre), dtype=np.float32)[list(Metre).index(brief.metre)], (bars, 1)),
        "mode": np.full((bars, 1), float(brief.key.mode is Mode.MAJOR), np.float32),
    }
    for name, curve in brief.curves.items():
        values[name] = np.clip(curve.at(middles), 0.0, 1.0).astype(np.float32)[:, None]
    if (energy := values.get("energy")) is not None:
        values["roles"] = roles_of(brief.style, energy, sections, seed=brief.seed, always=_always(brief))
        values.setdefault("density", density_of(brief.style, energy))
    return Controls(values, {"accents": given})


def _always(brief: Brief) -> frozenset[Role]:
    """Roles without which what was asked for would not be heard."""
    sung = brief.tune is not None or any(span.theme is not None for span in brief.spans)
    return frozenset([*([Role.LEAD] if sung else []), *([Role.CHORDS] if brief.chart is not None else [])])


def _accents(grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    bars = len(grid.bars)
    values = np.zeros((bars, 16), np.float32)
    given = np.zeros(bars, dtype=bool)
    for accent in grid.accents:
        if accent.bar is not None and accent.step is not None:
            values[accent.bar, accent.step] = max(values[accent.bar, accent.step], np.float32(accent.cut.weight))
            given[max(accent.bar - 1, 0) : accent.bar + 2] = True
    return values, given
