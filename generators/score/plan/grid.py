"""The elastic bar grid: a tempo near the asked one and bars bent a little, so that cuts fall on downbeats and beats."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generators.errors import InvalidPlan
from generators.score.plan.brief import Accent, Brief, Cut, GridBar
from generators.score.plan.lattice import BEND_LIMIT, Draft, Prices, Targets, place_values, search
from generators.score.plan.settle import Pin, settle, time_at
from generators.score.score import Metre

TEMPO_RANGE = (40.0, 220.0)
ON_GRID_S = 0.020  # a cut this near to a step counts as met by it
_TEMPO_SHARE = 0.12  # how far the planner may move the asked tempo
_SHORT_SHARE = 0.35  # the same for pieces of fewer than four bars
_CANDIDATES = 9
_BORDER_WEIGHT = 0.8  # a span's border counts as a cut of this weight in the search
_PIN_REACH_S = 0.035  # how far settling may have to move a step that the search put on a cut
_EXACT_S = 0.0015


@dataclass(frozen=True)
class Grid:
    """The tempo, the bars in time, and the place of every cut."""

    tempo_bpm: float
    bars: tuple[GridBar, ...]
    accents: tuple[Accent, ...]


def lay(brief: Brief) -> Grid:
    """The grid of a brief; raises InvalidPlan where the brief contradicts itself."""
    _check(brief)
    targets = _targets(brief)
    tempo, draft = _best(brief, targets)
    steps = draft.steps
    tempo, limit = _centred(brief, tempo, draft)
    step_s = 60.0 / tempo / brief.metre.steps_per_beat
    pins = _pins(draft, targets, brief.metre)
    lines = _settled(steps, step_s, brief.duration_s, pins=pins, limit=limit)
    bars = tuple(GridBar(float(lines[i]), float(lines[i + 1]), s) for i, s in enumerate(steps))
    return Grid(tempo, bars, _accents(brief, lines, steps))


def _check(brief: Brief) -> None:
    if not np.isfinite(brief.duration_s) or brief.duration_s <= 0.0:
        raise InvalidPlan(f"duration_s must be a positive number of seconds, not {brief.duration_s}")
    low, high = TEMPO_RANGE
    if not low <= brief.tempo_bpm <= high:
        raise InvalidPlan(f"tempo_bpm must lie in {low:.0f}..{high:.0f}, not {brief.tempo_bpm}")
    for cut in brief.cuts:
        if not np.isfinite(cut.time_s) or not 0.0 <= cut.weight <= 1.0:
            raise InvalidPlan(f"a cut needs a finite time and a weight in 0..1, not {cut}")


def _targets(brief: Brief) -> Targets:
    """Cuts and span borders inside the piece; borders that repeat a cut only make it heavier."""
    found = {c.time_s: c.weight for c in _inside(brief)}
    for border in (t for s in brief.spans for t in (s.start_s, s.end_s) if 0.0 < t < brief.duration_s):
        near = min(found, key=lambda t: abs(t - border), default=None)
        if near is not None and abs(near - border) <= 0.1:
            found[near] = max(found[near], _BORDER_WEIGHT)
        else:
            found[border] = _BORDER_WEIGHT
    times = np.array(sorted(found), np.float64)
    return Targets(times, np.array([found[t] for t in times], np.float64))


def _inside(brief: Brief) -> list[Cut]:
    return sorted((c for c in brief.cuts if 0.0 <= c.time_s < brief.duration_s), key=lambda c: (c.time_s, -c.weight))


def _best(brief: Brief, targets: Targets) -> tuple[float, Draft]:
    prices = Prices(bend=0.16) if brief.loop else Prices()
    if brief.tune is not None:
        prices = replace(prices, drop=np.inf)  # beats that a bar drops would be missing from the tune
    found: list[tuple[float, float, Draft]] = []
    for tempo in _candidates(brief):
        draft = search(
            targets, brief.duration_s, tempo_bpm=tempo, metre=brief.metre, whole_bars=brief.loop, prices=prices
        )
        if draft is not None:
            off = np.log(tempo / brief.tempo_bpm) / _TEMPO_SHARE
            found.append((draft.cost + float(off**2) * (0.3 + 0.02 * len(draft.steps)), tempo, draft))
    if found:
        _, tempo, draft = min(found, key=lambda f: f[:2])
        return tempo, draft
    return _forced(brief)


def _candidates(brief: Brief) -> list[float]:
    """A few tempos near the asked one; they fill the duration with whole beats (bars for a loop, halves if short)."""
    if brief.tempo_exact:
        return [brief.tempo_bpm]
    beats = brief.duration_s * brief.tempo_bpm / 60.0
    short = beats < 4 * brief.metre.beats_per_bar
    unit = brief.metre.beats_per_bar if brief.loop else 0.5 if short else 1.0
    wanted = beats / unit
    share = _SHORT_SHARE if short else _TEMPO_SHARE
    low, high = int(np.ceil(wanted / (1 + share))), int(np.floor(wanted * (1 + share)))
    counts = np.arange(max(low, 1), high + 1)
    most = 2 * _CANDIDATES if short else _CANDIDATES
    if len(counts) > most:
        counts = counts[np.rint(np.linspace(0, len(counts) - 1, most)).astype(int)]
    tempos = {float(60.0 * unit * n / brief.duration_s) for n in counts} | (set() if brief.loop else {brief.tempo_bpm})
    return sorted(t for t in tempos if TEMPO_RANGE[0] <= t <= TEMPO_RANGE[1])


def _forced(brief: Brief) -> tuple[float, Draft]:
    """An even grid for a piece too short, or a loop too odd, for any candidate: the fewest broken wishes."""
    metre, per = brief.metre, brief.metre.steps_per_bar
    unit = per if brief.loop else metre.steps_per_beat
    unit_s = unit * 60.0 / brief.tempo_bpm / metre.steps_per_beat
    if brief.tempo_exact:
        unit, unit_s = (unit, unit_s) if brief.loop else (1, unit_s / metre.steps_per_beat)
    total = max(1, round(brief.duration_s / unit_s)) * unit
    tempo = brief.tempo_bpm if brief.tempo_exact else 60.0 * total / metre.steps_per_beat / brief.duration_s
    bend = brief.duration_s / (total * 60.0 / tempo / metre.steps_per_beat) - 1.0
    if brief.loop and brief.tempo_exact and abs(bend) > BEND_LIMIT:
        fits = total * 60.0 / tempo / metre.steps_per_beat
        raise InvalidPlan(
            f"a loop of {brief.duration_s} s does not hold whole bars at exactly {tempo} bpm: "
            f"ask for {fits:.3f} s, or leave the tempo free"
        )
    steps = tuple(min(per, total - at) for at in range(0, total, per))
    return tempo, Draft(0.0, steps, tuple(s * brief.duration_s / total for s in steps))


def _centred(brief: Brief, tempo: float, draft: Draft) -> tuple[float, float]:
    """The nominal tempo moved to the mean of the drafted bars where that keeps all bends inside, and the bend limit."""
    safe = BEND_LIMIT * 0.999
    if brief.tempo_exact:
        return tempo, safe
    mean = 60.0 * sum(draft.steps) / brief.metre.steps_per_beat / brief.duration_s
    step_s = 60.0 / mean / brief.metre.steps_per_beat
    bends = np.array(draft.lengths_s) / (np.array(draft.steps) * step_s) - 1.0
    near = abs(mean / brief.tempo_bpm - 1.0) <= abs(tempo / brief.tempo_bpm - 1.0) + 0.02
    return (mean, safe) if near and float(np.abs(bends).max()) <= BEND_LIMIT else (tempo, safe)


def _pins(draft: Draft, targets: Targets, metre: Metre) -> tuple[Pin, ...]:
    """Targets that the draft nearly meets, the best one a step."""
    lines = np.concatenate([[0.0], np.cumsum(draft.lengths_s)])
    values = place_values(metre)
    found: dict[tuple[int, int], tuple[float, Pin]] = {}
    for time_s, weight in zip(targets.times_s, targets.weights, strict=True):
        bar, step, error = _nearest(lines, draft.steps, float(time_s))
        if abs(error) > _PIN_REACH_S or (bar, step) == (0, 0):
            continue
        pin = Pin(bar, step, float(time_s), float(weight * values[step]))
        if (bar, step) not in found or found[bar, step][0] < weight:
            found[bar, step] = (float(weight), pin)
    return tuple(pin for _, (_, pin) in sorted(found.items()))


def _nearest(lines: NDArray[np.float64], steps: tuple[int, ...], time_s: float) -> tuple[int, int, float]:
    """Bar and step nearest to a time, and how far the time lies behind it."""
    bar = min(max(int(np.searchsorted(lines, time_s, side="right")) - 1, 0), len(steps) - 1)
    step = round((time_s - lines[bar]) / (lines[bar + 1] - lines[bar]) * steps[bar])
    if step >= steps[bar]:
        bar, step = (bar + 1, 0) if bar + 1 < len(steps) else (bar, steps[bar] - 1)
    return bar, step, time_s - time_at(lines, steps, bar, step)


def _settled(
    steps: tuple[int, ...], step_s: float, duration_s: float, *, pins: tuple[Pin, ...], limit: float
) -> NDArray[np.float64]:
    """Bar lines with as many pins exact as can be: where pins contradict each other, the lighter ones give way."""
    for _ in range(8):
        lines = settle(steps, step_s, duration_s, pins=pins, limit=limit)
        missed = [p for p in pins if abs(time_at(lines, steps, p.bar, p.step) - p.time_s) > _EXACT_S]
        if not missed:
            break
        losers = {p for p in missed if all(p.weight <= q.weight for q in missed if abs(p.bar - q.bar) <= 4)}
        pins = tuple(p for p in pins if p not in losers)
    return lines


def _accents(brief: Brief, lines: NDArray[np.float64], steps: tuple[int, ...]) -> tuple[Accent, ...]:
    """Every cut with its step; of two cuts at one step the heavier, then the nearer, keeps it."""
    taken: dict[tuple[int, int], tuple[float, float]] = {}
    near = [(cut, *_nearest(lines, steps, cut.time_s)) for cut in _inside(brief)]
    for cut, bar, step, error in near:
        if abs(error) <= ON_GRID_S:
            taken[bar, step] = max(taken.get((bar, step), (-1.0, 0.0)), (cut.weight, -abs(error)))
    out = []
    for cut, bar, step, error in near:
        holds = taken.get((bar, step)) == (cut.weight, -abs(error))
        if holds:
            taken[bar, step] = (2.0, 0.0)  # no other cut can match this
        out.append(Accent(cut, cut.time_s, bar if holds else None, step if holds else None))
    return tuple(out)
