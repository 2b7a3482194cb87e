"""Performance: a score's steps become seconds on the plan's elastic bars, with swing, touch and human looseness."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from generators.errors import InvalidScore
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Accent, Plan
from generators.score.score import ROLES, Metre, Note, Role, Score

#: Mean velocity against the part's mean at each sixteenth of a 4/4 bar: kick, snare and closed hat averaged over 160
#: beats of the Groove MIDI Dataset (Gillick et al., 2019), halved, since a score already carries accents of its own.
#: A usual `velocity_jitter` of 4 applies half of it again. The default timing jitters below are chosen, not measured:
#: those drummers spread by 17 to 20 ms around the grid, which includes the drift of their tempo.
METRE_VELOCITY: tuple[int, ...] = (1, -7, 0, -3, 4, -5, 0, -2, 1, -4, 1, -3, 4, -4, 0, -2)
_SHORTEST_S = 0.02
_PEDAL_GAP_S = 0.03


@dataclass(frozen=True, slots=True)
class Feel:
    """How a score is played: 0.5 is straight swing, 0.67 a triplet; jitters are standard deviations."""

    swing: float = 0.5  # share of a pair that its first half takes
    swing_unit: int = 2  # steps of the swung note: 2 eighths, 1 sixteenths
    timing_jitter_s: Mapping[Role, float] = field(
        default_factory=lambda: {
            Role.LEAD: 0.008,
            Role.COUNTER: 0.008,
            Role.CHORDS: 0.006,
            Role.PAD: 0.01,
            Role.BASS: 0.005,
            Role.DRUMS: 0.003,
        }
    )
    velocity_jitter: float = 4.0
    strum_s: float = 0.0  # between neighbouring notes of a chord, low to high
    laid_back_s: Mapping[Role, float] = field(default_factory=dict)
    pedal: frozenset[Role] = frozenset()  # roles whose notes ring until the half bar ends


def perform(score: Score, plan: Plan, feel: Feel, *, seed: int, extra: Iterable[TimedNote] = ()) -> Performance:
    """The score on the plan's bars; notes on accents fall exactly on their cuts; `extra` are effects off the grid.

    Raises InvalidScore where the score has other bars than the plan.
    """
    exact = {place: a.time_s for place, a in struck_places(plan).items()}
    played = playable(score, plan)
    parts: dict[Role, tuple[TimedNote, ...]] = {}
    for number, role in enumerate(ROLES):
        random = np.random.default_rng([seed, number])
        notes = _part(played.parts.get(role, ()), role, plan, feel=feel, exact=exact, random=random)
        if role is Role.EFFECTS:
            notes = [*notes, *extra]
        if notes:
            parts[role] = _clean(notes, plan.duration_s)
    return Performance(plan.duration_s, parts, plan.loop)


def struck_places(plan: Plan) -> dict[tuple[int, int], Accent]:
    """The bar and step whose notes are played at each accent's time.

    An accent off the grid draws the nearest step to it, for a single blow, unless an accent already sits within a step
    of that; such an accent is left to an effect.
    """
    out = {(a.bar, a.step): a for a in plan.accents if a.bar is not None and a.step is not None}
    per = plan.metre.steps_per_bar
    taken = {bar * per + step for bar, step in out}
    for accent in sorted((a for a in plan.accents if a.bar is None), key=lambda a: (-a.cut.weight, a.time_s)):
        bar = max(bisect_right([b.start_s for b in plan.bars], accent.time_s) - 1, 0)
        b = plan.bars[bar]
        step = round((accent.time_s - b.start_s) / (b.end_s - b.start_s) * b.steps)
        if step == b.steps:
            bar, step = bar + 1, 0
        at = bar * per + step
        if bar < len(plan.bars) and not taken & {at - 1, at, at + 1}:
            out[bar, step] = accent
            taken.add(at)
    return out


def playable(score: Score, plan: Plan) -> Score:
    """The score without what dropped beats leave out: notes that begin there go, notes that end there end earlier."""
    if score.bars != len(plan.bars) or score.metre is not plan.metre:
        raise InvalidScore(
            f"the score has {score.bars} bars in {score.metre}, the plan {len(plan.bars)} in {plan.metre}; "
            "generate the score for this plan"
        )
    per = score.metre.steps_per_bar
    parts = {}
    for role, notes in score.parts.items():
        kept = []
        for n in notes:
            bar, step = divmod(n.onset, per)
            last, place = divmod(n.onset + n.duration - 1, per)
            if step < plan.bars[bar].steps:
                end = last * per + min(place + 1, plan.bars[last].steps)
                kept.append(replace(n, duration=end - n.onset))
        parts[role] = tuple(kept)
    return replace(score, parts=parts)


def _part(
    notes: tuple[Note, ...],
    role: Role,
    plan: Plan,
    *,
    feel: Feel,
    exact: Mapping[tuple[int, int], float],
    random: np.random.Generator,
) -> list[TimedNote]:
    per = plan.metre.steps_per_bar
    jitter = feel.timing_jitter_s.get(role, 0.0)
    late = feel.laid_back_s.get(role, 0.0)
    out: list[TimedNote] = []
    for onset, group in groupby(sorted(notes), key=lambda n: n.onset):
        bar, step = divmod(onset, per)
        together = late + 0.8 * jitter * _bounded(random)
        for place, n in enumerate(group):
            loose = together + 0.6 * jitter * _bounded(random) + (feel.strum_s * place if role is not Role.DRUMS else 0)
            louder = feel.velocity_jitter * (_bounded(random) + METRE_VELOCITY[step] / 8)
            start = _swung(plan, bar, step, feel) + loose
            velocity = n.velocity + louder
            if (bar, step) in exact:
                start, velocity = exact[bar, step], max(n.velocity, velocity)
            elif role is Role.EFFECTS:
                start, velocity = plan.time_of(bar, step), n.velocity
            end = _end_s(n, plan, feel, exact=exact, pedal=role in feel.pedal)
            start = max(0.0, start)
            out.append(TimedNote(start, max(end - start, _SHORTEST_S), n.pitch, int(np.clip(round(velocity), 1, 127))))
    return out


def _bounded(random: np.random.Generator) -> float:
    """A standard normal draw held within two deviations."""
    return float(np.clip(random.standard_normal(), -2.0, 2.0))


def _swung(plan: Plan, bar: int, step: float, feel: Feel) -> float:
    """Time of a step with off-beats delayed; what stands on the beat of a pair does not move."""
    if plan.metre is Metre.SIX_EIGHT and feel.swing_unit == 2:
        return plan.time_of(bar, step)
    pair = 2 * feel.swing_unit
    whole, part = divmod(step, pair)
    share = part / pair
    share = share / 0.5 * feel.swing if share <= 0.5 else feel.swing + (share - 0.5) / 0.5 * (1.0 - feel.swing)
    moved = min(whole * pair + share * pair, float(plan.bars[bar].steps))
    return plan.time_of(bar, moved)


def _end_s(note: Note, plan: Plan, feel: Feel, *, exact: Mapping[tuple[int, int], float], pedal: bool) -> float:
    per = plan.metre.steps_per_bar
    end = note.onset + note.duration
    if pedal:
        half = per // 2
        end = max(end, -(-(note.onset + 1) // half) * half)
    bar, step = divmod(end - 1, per)
    step = min(step + 1, plan.bars[bar].steps)
    if step == plan.bars[bar].steps and (bar + 1, 0) in exact:
        return exact[bar + 1, 0]
    swung = exact.get((bar, step), _swung(plan, bar, step, feel))
    return swung - (_PEDAL_GAP_S if pedal else 0.0)


def _clean(notes: list[TimedNote], duration_s: float) -> tuple[TimedNote, ...]:
    """Notes in order, inside the piece, with no two of one pitch at once: an earlier one ends where the next begins."""
    kept: list[TimedNote] = []
    for _, group in groupby(sorted(notes, key=lambda n: (n.pitch, n.onset_s, -n.velocity)), key=lambda n: n.pitch):
        before: TimedNote | None = None
        for n in group:
            if n.onset_s >= duration_s - 1e-3:
                continue
            if before is not None and n.onset_s - before.onset_s < _SHORTEST_S:
                continue
            if before is not None and before.onset_s + before.duration_s > n.onset_s:
                kept[-1] = replace(before, duration_s=n.onset_s - before.onset_s)
            before = replace(n, duration_s=min(n.duration_s, duration_s - n.onset_s))
            kept.append(before)
    return tuple(sorted(kept))
