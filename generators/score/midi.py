"""MIDI out: a score or a performance on the plan's elastic grid, with its tempo map, metre changes and markers."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

import mido

from generators.score.perform import playable
from generators.score.performance import Performance
from generators.score.plan.brief import Plan
from generators.score.score import EFFECTS, ROLES, Chord, Key, Metre, Mode, Note, Role, Score

TICKS_PER_BEAT = 480  # of a quarter note, as MIDI counts
TICKS_PER_STEP = TICKS_PER_BEAT // 4
DRUM_CHANNEL = 9  # "channel 10" counted from 0
EFFECT_BASE = 36  # key of the first effect
MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    tick: int
    rank: int  # at one tick: names and tempi, then ends, then onsets
    number: int
    message: mido.Message | mido.MetaMessage


@dataclass(frozen=True, slots=True)
class _Struck:
    """A note in ticks."""

    onset: int
    end: int
    pitch: int
    velocity: int


def write_score_midi(score: Score, plan: Plan, programs: Mapping[Role, int]) -> bytes:
    """The score as it stands on the grid; reading it back gives the same notes (those in dropped beats are gone)."""
    starts, per = _bar_ticks(plan), plan.metre.steps_per_bar

    def ticks(n: Note) -> _Struck:
        bar, step = divmod(n.onset, per)
        last, place = divmod(n.onset + n.duration - 1, per)
        return _Struck(
            starts[bar] + step * TICKS_PER_STEP,
            starts[last] + (place + 1) * TICKS_PER_STEP,
            n.pitch,
            n.velocity,
        )

    parts = {role: [ticks(n) for n in notes] for role, notes in playable(score, plan).parts.items()}
    return _file(plan, parts, programs, chords=score.chords)


def write_midi(performance: Performance, plan: Plan, programs: Mapping[Role, int], *, title: str = "tonereel") -> bytes:
    """The performance with its timing, to the tick; `programs` are General MIDI numbers 0..127 by role."""
    lines = [b.start_s for b in plan.bars]
    starts = _bar_ticks(plan)

    def tick(time_s: float) -> int:
        bar = max(bisect_right(lines, time_s) - 1, 0)
        b = plan.bars[bar]
        return round(starts[bar] + (time_s - b.start_s) / (b.end_s - b.start_s) * b.steps * TICKS_PER_STEP)

    parts = {}
    for role, notes in performance.parts.items():
        struck = [(tick(n.onset_s), tick(n.onset_s + n.duration_s), n) for n in notes]
        parts[role] = [_Struck(a, max(b, a + 1), n.pitch, n.velocity) for a, b, n in struck]
    return _file(plan, parts, programs, chords=(), title=title)


def chord_name(chord: Chord | None) -> str:
    """A chord as text, for example `F#:min7`; `N` where there is none."""
    return "N" if chord is None else f"{MAJOR_NAMES[chord.root]}:{chord.quality}"


def _bar_ticks(plan: Plan) -> list[int]:
    out = [0]
    for bar in plan.bars:
        out.append(out[-1] + bar.steps * TICKS_PER_STEP)
    return out


def _file(
    plan: Plan,
    parts: Mapping[Role, list[_Struck]],
    programs: Mapping[Role, int],
    *,
    chords: tuple[Chord | None, ...],
    title: str = "tonereel",
) -> bytes:
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    end = _bar_ticks(plan)[-1]
    file.tracks.append(
        _track([_meta(0, "track_name", name=title), *_grid(plan), *_marks(plan), *_harmony(plan, chords)], end)
    )
    for number, role in enumerate(ROLES):
        if parts.get(role):
            file.tracks.append(_track(_part(role, number, parts[role], programs), end))
    out = BytesIO()
    file.save(file=out)
    return out.getvalue()


def _grid(plan: Plan) -> Iterable[_Event]:
    """Tempo, metre and key; what the tempo's whole microseconds lose in one bar is made up in the next."""
    yield _meta(0, "text", text=f"metre {plan.metre.value} tempo {plan.tempo_bpm!r}")
    yield _meta(0, "key_signature", key=_key_name(plan.key))
    written_us, steps, tempo = 0.0, 0, 0
    for tick, bar in zip(_bar_ticks(plan), plan.bars, strict=False):
        if bar.steps != steps:
            steps = bar.steps
            above, below = signature(steps, plan.metre)
            yield _meta(tick, "time_signature", numerator=above, denominator=below)
        quarters = bar.steps / 4
        exact = round((bar.end_s * 1e6 - written_us) / quarters)
        written_us += exact * quarters
        if exact != tempo:
            tempo = exact
            yield _meta(tick, "set_tempo", tempo=tempo)


def signature(steps: int, metre: Metre) -> tuple[int, int]:
    """The time signature of a bar of so many steps."""
    if metre is not Metre.SIX_EIGHT and steps % 4 == 0:
        return steps // 4, 4
    return (steps // 2, 8) if steps % 2 == 0 else (steps, 16)


def _key_name(key: Key) -> str:
    return (MAJOR_NAMES if key.mode is Mode.MAJOR else MINOR_NAMES)[key.tonic]


def _marks(plan: Plan) -> Iterable[_Event]:
    starts = _bar_ticks(plan)
    for section in plan.sections:
        yield _meta(starts[section.start_bar], "marker", text=f"section {section.form.value}")
    for accent in plan.accents:
        bar = max(bisect_right([b.start_s for b in plan.bars], accent.time_s) - 1, 0)
        b = plan.bars[bar]
        tick = starts[bar] + (accent.time_s - b.start_s) / (b.end_s - b.start_s) * b.steps * TICKS_PER_STEP
        yield _meta(round(tick), "cue_marker", text=f"cut {accent.cut.time_s:.3f} s weight {accent.cut.weight:.2f}")


def _harmony(plan: Plan, chords: tuple[Chord | None, ...]) -> Iterable[_Event]:
    """A text at every half bar whose chord is new; a half that dropped beats leave out says its chord at its bar."""
    starts, half = _bar_ticks(plan), plan.metre.steps_per_bar // 2
    for i, chord in enumerate(chords):
        if i == 0 or chord != chords[i - 1]:
            bar, second = divmod(i, 2)
            step = min(second * half, plan.bars[bar].steps - 1)
            yield _meta(starts[bar] + step * TICKS_PER_STEP, "text", text=f"chord {i} {chord_name(chord)}")


def _part(role: Role, number: int, notes: list[_Struck], programs: Mapping[Role, int]) -> Iterable[_Event]:
    channel = DRUM_CHANNEL if role is Role.DRUMS else number
    base = EFFECT_BASE if role is Role.EFFECTS else 0
    yield _meta(0, "track_name", name=role.value)
    if role in programs:
        yield _Event(0, 0, 1, mido.Message("program_change", channel=channel, program=programs[role]))
    for n in notes:
        on = mido.Message("note_on", channel=channel, note=n.pitch + base, velocity=n.velocity)
        off = mido.Message("note_off", channel=channel, note=n.pitch + base, velocity=0)
        if role is Role.EFFECTS:
            yield _meta(n.onset, "text", text=EFFECTS[n.pitch].value)
        yield _Event(n.onset, 2, n.pitch, on)
        yield _Event(n.end, 1, n.pitch, off)


def _meta(tick: int, kind: str, **values: object) -> _Event:
    return _Event(tick, 0, 0, mido.MetaMessage(kind, **values))


def _track(events: Iterable[_Event], end: int) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for event in sorted(events, key=lambda e: (e.tick, e.rank, e.number)):
        track.append(event.message.copy(time=event.tick - now))
        now = event.tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return track
