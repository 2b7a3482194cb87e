"""Accents: every cut made audible at its time, by the notes that play there where they can, by an effect where not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from generators.score.perform import struck_places
from generators.score.performance import TimedNote
from generators.score.plan.brief import Accent, Plan
from generators.score.score import CRASH, EFFECTS, KICK, PITCHED, SNARE, Effect, Note, Role, Score
from generators.score.style import Style

_HEAVY = 0.7
_GAP_WEIGHT = 0.85
_HEAVY_APART_S = 1.5  # impacts nearer than this blur into each other: the later one is marked softly
_CROWD_S = 0.25  # off the grid, the lighter of two cuts nearer than this is left alone
_HEAVY_KINDS = (Effect.IMPACT, Effect.SUB_DROP, Effect.BOOM, Effect.SHIMMER, Effect.SWEEP_DOWN)
_LIGHT_KINDS = (Effect.BOOM, Effect.SHIMMER, Effect.IMPACT, Effect.SUB_DROP, Effect.SWEEP_DOWN)
_SWELLS = (Effect.RISER, Effect.REVERSE)
_SOFT = (  # no swells here: they do not belong, and drown the quiet accents that they lead to
    Style.AMBIENT,
    Style.ACOUSTIC,
    Style.ROMANTIC,
    Style.FOLK,
)
_EFFECT_S = 1.5
_BLUR_S = 0.07
_LATE_S = 0.8  # a cut this near to the end finds the last chord ringing, and nothing is struck again for it
_TAIL_S = 0.5  # effects are over this long before the end, as far as they can
#: How sharply a role's attack speaks, as a share of a drum hit.
_BITE: Mapping[Role, float] = {
    Role.LEAD: 0.7,
    Role.COUNTER: 0.5,
    Role.CHORDS: 0.5,
    Role.PAD: 0.1,
    Role.BASS: 0.7,
    Role.DRUMS: 0.8,
    Role.EFFECTS: 2.0,
}

_Parts = dict[Role, list[Note]]


@dataclass(frozen=True, slots=True)
class Marked:
    """A score whose accents speak, and the effects that lie off the grid, for `perform`."""

    score: Score
    off_grid: tuple[TimedNote, ...]


def mark(score: Score, plan: Plan, effects: tuple[Effect, ...], *, still: Collection[int] = ()) -> Marked:
    """Make every accent of the plan audible; `effects` are those that the style may use.

    Without any effect to use, accents off the grid and in silence stay unmarked. In the bars `still` the lead keeps
    every note where it is.
    """
    per = plan.metre.steps_per_bar
    kept = [n for n in score.parts.get(Role.LEAD, ()) if n.onset // per in still]
    parts: _Parts = {role: list(notes) for role, notes in score.parts.items()}
    if kept:
        parts[Role.LEAD] = [n for n in parts[Role.LEAD] if n.onset // per not in still]
    places = {a.time_s: bar * per + step for (bar, step), a in struck_places(plan).items()}
    taken = set(places.values())
    off_grid: list[TimedNote] = []
    heavy_s = -_HEAVY_APART_S
    for accent in plan.accents:
        weight, kinds = accent.cut.weight, _LIGHT_KINDS
        if weight >= _HEAVY and accent.time_s - heavy_s >= _HEAVY_APART_S:
            kinds, heavy_s = _HEAVY_KINDS, accent.time_s
        at = places.get(accent.time_s)
        late = not plan.loop and plan.duration_s - accent.time_s < min(_LATE_S, 0.3 * plan.duration_s)
        if at is None or (accent.bar is None and late):
            if not _crowded(accent, plan):
                off_grid += _off_grid(accent, plan, effects, kinds)
                _make_room(parts, accent, plan)
            continue
        if not late:
            _strengthen(parts, at, weight, bar_steps=per)
            if weight >= _GAP_WEIGHT and not taken & {at - 1, at - 2}:
                _open_gap(parts, at, 2 if weight >= 0.95 else 1)
            opens = any(s.start_bar * per == at for s in score.sections)
            if weight >= _HEAVY and opens and plan.style not in _SOFT:
                _swell(parts, at, effects, bar_steps=per)
        if kinds is _HEAVY_KINDS or onset_energy(parts, at) < 1.0 + weight:
            _add_effect(parts, at, weight, plan=plan, kind=_first(kinds, effects))
    parts[Role.LEAD] = [*kept, *parts.get(Role.LEAD, [])]
    return Marked(replace(score, parts={r: tuple(sorted(n)) for r, n in parts.items() if n}), tuple(off_grid))


def onset_energy(parts: Mapping[Role, list[Note]], at: int) -> float:
    """How much begins at a step: squared velocities, weighted by how sharply each role speaks."""
    return sum(_BITE[role] * (n.velocity / 100.0) ** 2 for role, notes in parts.items() for n in notes if n.onset == at)


def _crowded(accent: Accent, plan: Plan) -> bool:
    return any(
        other is not accent
        and abs(other.time_s - accent.time_s) < _CROWD_S
        and (other.cut.weight, -other.time_s) > (accent.cut.weight, -accent.time_s)
        for other in plan.accents
    )


def _first(kinds: tuple[Effect, ...], effects: tuple[Effect, ...]) -> Effect | None:
    return next((k for k in kinds if k in effects), None)


def _loudness(weight: float) -> int:
    return round(55 + 65 * weight)


def _off_grid(accent: Accent, plan: Plan, effects: tuple[Effect, ...], kinds: tuple[Effect, ...]) -> list[TimedNote]:
    kind = _first(kinds, effects)
    left = plan.duration_s - accent.time_s
    if kind is None or left < 0.1:
        return []
    length = min(_EFFECT_S, left) if plan.loop else min(_EFFECT_S, max(left - _TAIL_S, 0.4 * left))
    return [TimedNote(accent.time_s, length, EFFECTS.index(kind), _loudness(accent.cut.weight))]


def _make_room(parts: _Parts, accent: Accent, plan: Plan) -> None:
    """Notes that begin so near to an effect off the grid that the two would blur become softer."""
    per = plan.metre.steps_per_bar
    near = {
        bar * per + step
        for bar, b in enumerate(plan.bars)
        if b.start_s - _BLUR_S < accent.time_s < b.end_s + _BLUR_S
        for step in range(b.steps)
        if abs(plan.time_of(bar, step) - accent.time_s) < _BLUR_S
    }
    for role, notes in parts.items():
        parts[role] = [replace(n, velocity=max(1, round(0.6 * n.velocity))) if n.onset in near else n for n in notes]


def _strengthen(parts: _Parts, at: int, weight: float, *, bar_steps: int) -> None:
    """Notes near the step move onto it, held notes are struck again there, all of them louder than their neighbours."""
    for role in PITCHED:
        if role in parts:
            parts[role] = _struck(parts[role], at, again=role is not Role.LEAD and weight >= 0.3)
    drums = parts.get(Role.DRUMS, [])
    if any(at - bar_steps <= n.onset < at + bar_steps for n in drums):
        here = {n.pitch for n in drums if n.onset == at}
        wanted = {KICK, CRASH} if weight >= _HEAVY else {KICK} if here & {SNARE} or weight < 0.4 else {KICK, SNARE}
        drums += [Note(at, key, 1, 80) for key in sorted(wanted - here)]
    for role, notes in parts.items():
        if role not in (Role.EFFECTS, Role.PAD):  # a louder pad has no attack of its own, and hides those of others
            parts[role] = [_leaned(n, at, weight) for n in notes]


def _struck(notes: list[Note], at: int, *, again: bool) -> list[Note]:
    """One part with an attack at the step, from a note a step away or from one that is held across it."""
    if any(n.onset == at for n in notes):
        return [replace(n, duration=at - n.onset) if n.onset < at < n.onset + n.duration else n for n in notes]
    near = [n for n in notes if abs(n.onset - at) == 1]
    if near:
        moved = [replace(n, onset=at, duration=max(1, n.onset + n.duration - at)) for n in near]
        rest = [n for n in notes if n not in near]
        return [*(_until(n, at) for n in rest), *moved]
    if not again:
        return notes
    held = [n for n in notes if n.onset < at < n.onset + n.duration]
    return [*(_until(n, at) for n in notes), *(replace(n, onset=at, duration=n.onset + n.duration - at) for n in held)]


def _until(note: Note, at: int) -> Note:
    return replace(note, duration=at - note.onset) if note.onset < at < note.onset + note.duration else note


def _leaned(note: Note, at: int, weight: float) -> Note:
    """A note at the step louder, one within two steps of it softer."""
    apart = abs(note.onset - at)
    if apart == 0:
        return replace(note, velocity=min(127, max(note.velocity + round(10 + 22 * weight), round(60 + 45 * weight))))
    if apart <= 2:
        return replace(note, velocity=max(1, round(note.velocity * (1.0 - 0.25 * weight))))
    return note


def _open_gap(parts: _Parts, at: int, steps: int) -> None:
    """A breath before a heavy hit: nothing begins in it, nothing but effects sounds through it."""
    for role, notes in parts.items():
        if role is not Role.EFFECTS:
            parts[role] = [
                replace(n, duration=max(1, min(n.duration, at - steps - n.onset))) if n.onset < at else n
                for n in notes
                if not at - steps <= n.onset < at
            ]


def _swell(parts: _Parts, at: int, effects: tuple[Effect, ...], *, bar_steps: int) -> None:
    """A riser or reversed cymbal that ends where the section begins, a bar long where there is a bar."""
    kind = _first(_SWELLS, effects)
    length = min(bar_steps, at)
    if kind is None or length < bar_steps // 2:
        return
    there = parts.setdefault(Role.EFFECTS, [])
    index = EFFECTS.index(kind)
    if not any(n.pitch == index and n.onset < at and n.onset + n.duration > at - length for n in there):
        there.append(Note(at - length, index, length, 85))


def _add_effect(parts: _Parts, at: int, weight: float, *, plan: Plan, kind: Effect | None) -> None:
    if kind is None:
        return
    index, steps = EFFECTS.index(kind), len(plan.bars) * plan.metre.steps_per_bar
    left = plan.duration_s - plan.time_of(*divmod(at, plan.metre.steps_per_bar))
    long_s = min(_EFFECT_S, left if plan.loop else max(left - _TAIL_S, 0.4 * left))
    length = min(int(long_s * plan.tempo_bpm / 60.0 * plan.metre.steps_per_beat), steps - at)
    there = parts.setdefault(Role.EFFECTS, [])
    parts[Role.EFFECTS] = [
        *(_until(n, at) if n.pitch == index else n for n in there if (n.onset, n.pitch) != (at, index)),
        Note(at, index, max(1, length), _loudness(weight)),
    ]
