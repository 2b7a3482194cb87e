"""The composed ending: the tonic, struck together on a strong place near the end, held, released, and over."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from generators.score.plan.brief import Plan
from generators.score.score import CRASH, KICK, PITCHED, RIDE, Chord, Mode, Note, Quality, Role, Score
from generators.score.style import Style

_RING_SHARE, _RING_LEAST_S, _RING_MOST_S = 0.3, 1.2, 2.4  # how long the last chord wants to ring
_RING_LIMIT_S = 5.0
_RELEASE_S = 0.7  # left after the last note's end, so that its release has died away when the picture ends
_SLOW_RELEASE_S = 1.4  # the same where pads and halls ring long
_SLOW = (Style.AMBIENT, Style.CINEMATIC)
_RECENT_BARS = 4  # a role that played in these bars takes part in the last chord
_AT_HOME = 0.7  # worth of ending where the chart is on the tonic: less than a strong place, more than a weak one
_THIRDS = {
    **dict.fromkeys((Quality.MAJ, Quality.MAJ7, Quality.DOM7, Quality.AUG), Quality.MAJ),
    **dict.fromkeys((Quality.MIN, Quality.MIN7, Quality.DIM, Quality.HDIM7), Quality.MIN),
}
_SOFT = 55.0  # mean drum velocity under which the last hit is a ride, not a crash


@dataclass(frozen=True, slots=True)
class Final:
    """Steps where the last chord begins, and where it is let go."""

    onset: int
    release: int


def close(score: Score, plan: Plan) -> Score:
    """The score with its last chord composed; a loop, and a score without notes, come back as they are.

    Chords that were asked for stay up to the last chord; that one is the tonic, on a place where it was asked for if
    one is near the end: music that stops on another chord of a repeated progression sounds cut off.
    """
    if plan.loop or not any(score.parts.values()):
        return score
    final = last_place(score, plan)
    home = _home(score, plan, final)
    parts: dict[Role, tuple[Note, ...]] = {}
    for role, notes in score.parts.items():
        kept = [replace(n, duration=min(n.duration, final.onset - n.onset)) for n in notes if n.onset < final.onset]
        parts[role] = tuple(sorted([*kept, *_last_notes(role, notes, score, final=final, home=home)]))
    half = 2 * final.onset // score.metre.steps_per_bar
    chords = score.chords[:half] + (home,) * (len(score.chords) - half)
    return replace(score, parts=parts, chords=chords)


def _home(score: Score, plan: Plan, final: Final) -> Chord:
    """The chord to end on: the tonic triad, with the third of a tonic chord that was asked for there."""
    home = Chord(plan.key.tonic, Quality.MAJ if plan.key.mode is Mode.MAJOR else Quality.MIN)
    asked = _asked(plan, final.onset)
    if asked is None or asked.root != home.root or asked.quality not in _THIRDS:
        return home
    return replace(home, quality=_THIRDS[asked.quality])


def _asked(plan: Plan, step: int) -> Chord | None:
    """The chord that was asked for at a step, if any were."""
    return None if plan.harmony is None else plan.harmony[2 * step // plan.metre.steps_per_bar].chord


def last_place(score: Score, plan: Plan) -> Final:
    """The best beat of the last bars to end on: strong, on a cut, where the score itself ends, with time to ring.

    A given melody is sung to its end before.
    """
    per, beat = plan.metre.steps_per_bar, plan.metre.steps_per_beat
    wanted = float(np.clip(_RING_SHARE * plan.duration_s, min(_RING_LEAST_S, 0.6 * plan.duration_s), _RING_MOST_S))
    weights = {(a.bar, a.step): a.cut.weight for a in plan.accents}
    sung = max((s.start_bar + s.bars for s in plan.melody.statements), default=0) * per if plan.melody else 0
    onsets = [n.onset for role in PITCHED for n in score.parts.get(role, ())]
    own = max(onsets, default=-1)
    best, place = -np.inf, 0
    for bar in range(len(plan.bars)):
        for step in range(0, plan.bars[bar].steps, beat):
            ring = plan.duration_s - plan.time_of(bar, step)
            if bar * per + step < sung or (ring > _RING_LIMIT_S and (bar, step) != (0, 0)):
                continue
            strength = 1.0 if step == 0 else 0.5 if 2 * step == per else 0.2
            worth = strength + 0.5 * weights.get((bar, step), 0.0) - 1.5 * abs(float(np.log(ring / wanted)))
            worth -= 0.6 * sum(a.cut.weight for a in plan.accents if a.time_s > plan.duration_s - ring + 0.05)
            worth += 0.8 if bar * per + step == own and onsets.count(own) > 1 else 0.0
            asked = _asked(plan, bar * per + step)
            worth += _AT_HOME if asked is not None and asked.root == plan.key.tonic else 0.0
            if worth > best:
                best, place = worth, bar * per + step
    return Final(place, _release(plan, place))


def _release(plan: Plan, place: int) -> int:
    """The last step that leaves time for the release; at least one step after the chord's onset."""
    per = plan.metre.steps_per_bar
    bar, step = divmod(place, per)
    ring = plan.duration_s - plan.time_of(bar, step)
    left = _SLOW_RELEASE_S if plan.style in _SLOW else _RELEASE_S
    until = plan.duration_s - min(left, 0.5 * ring)
    release = place + 1
    for at in range(place + 2, len(plan.bars) * per + 1):
        bar, step = divmod(at - 1, per)
        if step < plan.bars[bar].steps and plan.time_of(bar, step + 1) <= until:
            release = at
    return release


def _last_notes(role: Role, notes: tuple[Note, ...], score: Score, *, final: Final, home: Chord) -> list[Note]:
    since = final.onset - _RECENT_BARS * score.metre.steps_per_bar
    recent = [n for n in notes if n.onset + n.duration > since and n.onset < final.onset] or [
        n for n in notes if n.onset >= final.onset
    ]
    length = final.release - final.onset
    if role is Role.EFFECTS:
        return [replace(n, duration=min(n.duration, length)) for n in notes if n.onset == final.onset]
    if not recent:
        return []
    mean = float(np.mean([n.velocity for n in recent]))
    velocity = int(np.clip(round(mean + 6.0), 1, 127))
    if role is Role.DRUMS:
        keys = (KICK, RIDE if mean < _SOFT else CRASH)
        return [Note(final.onset, key, length, velocity) for key in keys]
    return [Note(final.onset, p, length, velocity) for p in _pitches(role, recent, home)]


def _pitches(role: Role, recent: Iterable[Note], home: Chord) -> list[int]:
    """The role's share of the tonic chord, near to what it played last."""
    ordered = sorted(recent)
    last = [n.pitch for n in ordered if n.onset == ordered[-1].onset]
    tonic = home.root
    third, fifth = (tonic + (4 if home.quality is Quality.MAJ else 3)) % 12, (tonic + 7) % 12
    if role is Role.LEAD:
        return [_nearest(last[-1], {tonic})]
    if role is Role.BASS:
        return [_nearest(last[0] - 3, {tonic})]  # rather down than up
    if role is Role.COUNTER:
        return [_nearest(last[-1], {third, fifth})]
    root = _nearest(min(last), {tonic})
    middle = [p for p in range(root + 1, root + 12) if p % 12 in (third, fifth)]
    return sorted({root, *(_inside(p) for p in middle)})


def _nearest(pitch: int, classes: set[int]) -> int:
    return min((p for p in range(21, 109) if p % 12 in classes), key=lambda p: (abs(p - pitch), p))


def _inside(pitch: int) -> int:
    return pitch if pitch <= 108 else pitch - 12
