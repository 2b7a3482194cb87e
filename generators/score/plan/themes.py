"""Where themes are called for, in bars."""

import numpy as np

from generators.score.plan.brief import Brief
from generators.score.plan.grid import Grid
from generators.score.theme import Placement


def placements(brief: Brief, grid: Grid) -> tuple[Placement, ...]:
    """Spans that call for a theme, from the bar line nearest to their start to the one nearest to their end.

    A span shorter than a bar gets one; bars that an earlier theme has taken are left to it.
    """
    lines = np.array([*(b.start_s for b in grid.bars), grid.bars[-1].end_s])
    out: list[Placement] = []
    free = 0
    for span in sorted(brief.spans, key=lambda s: s.start_s):
        if span.theme is None:
            continue
        start = max(int(np.argmin(np.abs(lines - span.start_s))), free)
        end = max(int(np.argmin(np.abs(lines - span.end_s))), start + 1)
        if end <= len(grid.bars):
            out.append(Placement(span.theme, start, end - start))
            free = end
    return tuple(out)
