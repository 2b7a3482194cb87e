"""Briefs and scores drawn at random, for the laws of planning and performing."""

from hypothesis import strategies as st

from generators.score.perform import Feel
from generators.score.plan.brief import Brief, Cut, Plan
from generators.score.score import (
    DRUM_KEYS,
    EFFECTS,
    PITCHED,
    ROLES,
    Chord,
    Key,
    Metre,
    Mode,
    Note,
    Quality,
    Role,
    Score,
)
from generators.score.style import Style

C_MAJOR = Key(0, Mode.MAJOR)
STRAIGHT = Feel(timing_jitter_s={}, velocity_jitter=0.0)  # plays what is written, when it is written


def brief(duration_s: float, *cuts: tuple[float, float], tempo_bpm: float = 110.0, loop: bool = False) -> Brief:
    """A plain brief with cuts given as (time, weight)."""
    return Brief(duration_s, Style.EPIC, tempo_bpm, C_MAJOR, cuts=tuple(Cut(t, w) for t, w in cuts), loop=loop)


@st.composite
def briefs(draw: st.DrawFn, longest_s: float = 60.0) -> Brief:
    """Any brief that can be planned."""
    duration_s = draw(st.floats(0.5, longest_s))
    cuts = draw(st.lists(st.tuples(st.floats(0.0, duration_s), st.floats(0.0, 1.0)), max_size=20))
    return Brief(
        duration_s=duration_s,
        style=Style.EPIC,
        tempo_bpm=draw(st.floats(55.0, 180.0)),
        key=Key(draw(st.integers(0, 11)), draw(st.sampled_from(Mode))),
        metre=draw(st.sampled_from(Metre)),
        tempo_exact=draw(st.booleans()),
        cuts=tuple(Cut(t, w) for t, w in cuts),
    )


@st.composite
def scores(draw: st.DrawFn, plan: Plan) -> Score:
    """A valid score for a plan, no two notes of one pitch at once in one role."""
    per, bars = plan.metre.steps_per_bar, len(plan.bars)
    parts = {}
    for role in draw(st.sets(st.sampled_from(ROLES), min_size=1)):
        choices = DRUM_KEYS if role is Role.DRUMS else range(len(EFFECTS)) if role is Role.EFFECTS else range(30, 90, 5)
        notes: dict[int, list[Note]] = {}
        for _ in range(draw(st.integers(1, 12))):
            onset = draw(st.integers(0, bars * per - 1))
            note = Note(
                onset,
                draw(st.sampled_from(list(choices))),
                draw(st.integers(1, min(24, bars * per - onset))),
                draw(st.integers(1, 127)),
            )
            others = notes.setdefault(note.pitch, [])
            if all(n.onset + n.duration <= onset or onset + note.duration <= n.onset for n in others):
                others.append(note)
        parts[role] = tuple(sorted(n for group in notes.values() for n in group))
    chord = st.none() | st.builds(Chord, st.integers(0, 11), st.sampled_from(Quality))
    chords = tuple(draw(st.lists(chord, min_size=2 * bars, max_size=2 * bars)))
    return Score(plan.metre, plan.key, plan.tempo_bpm, bars, parts, chords, plan.sections).validate()


def steady(plan: Plan, *, roles: tuple[Role, ...] = PITCHED) -> Score:
    """Held half-bar triads in every pitched role, kicks on the beats: music that goes on until it is cut off."""
    per, bars = plan.metre.steps_per_bar, len(plan.bars)
    halves = range(0, bars * per, per // 2)
    parts = {
        role: tuple(sorted(Note(at, p + 12 * (i - 2), per // 2, 80) for at in halves for p in (62, 65, 69)))
        for i, role in enumerate(roles)
    }
    parts[Role.DRUMS] = tuple(Note(at, 36, 1, 90) for at in range(0, bars * per, plan.metre.steps_per_beat))
    chords = (Chord(2, Quality.MIN),) * (2 * bars)
    return Score(plan.metre, plan.key, plan.tempo_bpm, bars, parts, chords, plan.sections).validate()
