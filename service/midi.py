"""A performance as a MIDI file whose bar lines lie where the plan's do, so that an editor's grid fits the picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Plan
from generators.score.score import Metre, Role

if TYPE_CHECKING:
    import mido

TICKS_PER_BEAT = 480
TICKS_PER_STEP = TICKS_PER_BEAT // 4
DRUM_CHANNEL = 9
#: General MIDI programs that come near to what each role is played on.
PROGRAMS = {Role.LEAD: 73, Role.COUNTER: 40, Role.CHORDS: 0, Role.PAD: 48, Role.BASS: 32, Role.EFFECTS: 98}
EFFECTS_BASE = 36  # effect 0 becomes this key


def write_midi(path: Path, performance: Performance, plan: Plan, *, title: str) -> None:
    """Write one track a role; tempo changes at every bar carry the elastic grid."""
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    lines = _lines(plan)
    file.tracks.append(_conductor(plan, title))
    for number, (role, notes) in enumerate(performance.parts.items()):
        file.tracks.append(_part(role, notes, number if number < DRUM_CHANNEL else number + 1, lines))
    file.save(str(path))


def _lines(plan: Plan) -> list[tuple[float, int]]:
    """Bar lines as (seconds, ticks), with the end of the last bar."""
    out, tick = [], 0
    for bar in plan.bars:
        out.append((bar.start_s, tick))
        tick += bar.steps * TICKS_PER_STEP
    return [*out, (plan.bars[-1].end_s, tick)]


def _tick(time_s: float, lines: list[tuple[float, int]]) -> int:
    import numpy as np

    return max(round(float(np.interp(time_s, [s for s, _ in lines], [t for _, t in lines]))), 0)


def _conductor(plan: Plan, title: str) -> "mido.MidiTrack":
    import mido

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=title, time=0)])
    numerator, denominator = {Metre.FOUR_FOUR: (4, 4), Metre.THREE_FOUR: (3, 4), Metre.SIX_EIGHT: (6, 8)}[plan.metre]
    track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=0))
    gap = 0
    for bar in plan.bars:
        ticks = bar.steps * TICKS_PER_STEP
        tempo = round((bar.end_s - bar.start_s) * 1e6 * TICKS_PER_BEAT / ticks)
        track.append(mido.MetaMessage("set_tempo", tempo=min(max(tempo, 1), 0xFFFFFF), time=gap))
        gap = ticks
    track.append(mido.MetaMessage("end_of_track", time=gap))
    return track


def _part(role: Role, notes: tuple[TimedNote, ...], channel: int, lines: list[tuple[float, int]]) -> "mido.MidiTrack":
    import mido

    channel = DRUM_CHANNEL if role is Role.DRUMS else channel
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=role.value, time=0)])
    if role is not Role.DRUMS:
        track.append(mido.Message("program_change", channel=channel, program=PROGRAMS[role], time=0))
    events: list[tuple[int, int, int, int]] = []  # tick, 0 for off so that it comes before an on, key, velocity
    for note in notes:
        key = note.pitch + EFFECTS_BASE if role is Role.EFFECTS else note.pitch
        on = _tick(note.onset_s, lines)
        off = max(_tick(note.onset_s + note.duration_s, lines), on + 1)
        events += [(on, 1, key, note.velocity), (off, 0, key, 0)]
    at = 0
    for tick, is_on, key, velocity in sorted(events):
        kind = "note_on" if is_on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=key, velocity=velocity, time=tick - at))
        at = tick
    return track
