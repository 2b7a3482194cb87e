"""Where a given tune is stated in a piece, and where it returns."""

from collections.abc import Sequence
from dataclasses import replace

from generators.errors import InvalidPlan
from generators.score.plan.brief import Brief
from generators.score.plan.grid import Grid
from generators.score.score import Form, Section
from generators.score.tune import Melody, Statement, Tune

_RING_LEAST_S, _RING_SHARE = 1.2, 0.3  # what the last chord needs after the tune, and its share of a very short piece
_WORTH_SHARE = 0.5  # of the tune, for a return that the end of the piece cuts


def melody_of(brief: Brief, grid: Grid, sections: Sequence[Section]) -> Melody | None:
    """The tune of a brief in its key and the lead's range, in its places; None where none is given.

    Raises:
        InvalidPlan: it is in another metre than the brief, or does not fit.
    """
    if brief.tune is None:
        return None
    if brief.tune.metre is not brief.metre:
        raise InvalidPlan(f"the melody is in {brief.tune.metre}, not in {brief.metre}; leave the metre out")
    return place_tune(brief.tune.in_key(brief.key).in_range(), grid, sections, loop=brief.loop)


def place_tune(tune: Tune, grid: Grid, sections: Sequence[Section], *, loop: bool) -> Melody:
    """The tune from the first section that is no intro, or from the beginning where it only fits so; again at each A.

    A tune that is longer than the piece is cut at the end of a phrase or bar. A return that the end would cut comes
    only if at least half of the tune does. The last bars are left to the ending.

    Raises:
        InvalidPlan: not one bar of the tune fits before the ending.
    """
    room = _room(grid, loop=loop)
    if room < 1:
        bar_s = tune.metre.beats_per_bar * 60.0 / tune.tempo_bpm
        raise InvalidPlan(
            f"{grid.bars[-1].end_s:g} s hold no bar of the melody and an ending; "
            f"ask for at least {bar_s + 2 * _RING_LEAST_S:.0f} s"
        )
    full = next((s.start_bar for s in sections if s.form is not Form.INTRO), 0)
    start = full if full + tune.bars <= room else 0
    if tune.pickup and start == 0 and room > 1:
        start = 1  # its pickup is in the first bar
    statements = [_stated(tune, start, room, free_from=0)]
    for section in sections:
        last = statements[-1]
        end = last.start_bar + last.bars
        left = room - section.start_bar
        if section.form is Form.A and section.start_bar >= end and left >= max(1.0, _WORTH_SHARE * tune.bars):
            sung = max((n.onset + n.duration for n in last.notes), default=0)
            statements.append(_stated(tune, section.start_bar, room, free_from=sung))
    return Melody(tune, tuple(statements))


def _room(grid: Grid, *, loop: bool) -> int:
    """Bars from the beginning that a melody may fill."""
    if loop:
        return len(grid.bars)
    duration_s = grid.bars[-1].end_s
    ring_s = min(_RING_LEAST_S, _RING_SHARE * duration_s)
    return sum(duration_s - bar.start_s >= ring_s for bar in grid.bars) - 1


def _stated(tune: Tune, start: int, room: int, *, free_from: int) -> Statement:
    """The tune from a bar on; its pickup is left out where the lead still sings or no bar is before."""
    part = tune.cut(room - start)
    at = start * tune.metre.steps_per_bar
    has_pickup = 0 < part.pickup <= at - free_from
    notes = tuple(replace(n, onset=at + n.onset) for n in part.notes if has_pickup or n.onset >= 0)
    return Statement(start, part.bars, notes, has_pickup)
