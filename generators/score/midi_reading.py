"""MIDI in: any standard MIDI file becomes a score on the grid; a file that this package wrote comes back exactly."""

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

import mido
from mido.midifiles.meta import KeySignatureError

from generators.errors import InvalidScore
from generators.score.midi import DRUM_CHANNEL, EFFECT_BASE, MAJOR_NAMES
from generators.score.score import (
    DRUM_KEYS,
    EFFECTS,
    PITCHED,
    Chord,
    Form,
    Key,
    Metre,
    Mode,
    Note,
    Quality,
    Role,
    Score,
    Section,
)

_FLATS = {"Cb": 11, "C#": 1, "D#": 3, "Fb": 4, "Gb": 6, "G#": 8, "A#": 10}
_PITCH_CLASS = {**{name: i for i, name in enumerate(MAJOR_NAMES)}, **_FLATS}
#: Drum keys that a score does not have, and the ones that it plays instead.
_DRUM_KIN = {35: 36, 40: 38, 43: 41, 47: 45, 50: 48, 52: 49, 53: 51, 55: 49, 57: 49, 59: 51, 62: 63, 64: 63, 82: 70}


@dataclass(frozen=True)
class _Grid:
    """Bar lines in ticks, one more than bars, and the ticks of a step."""

    lines: list[int]
    ticks_per_step: float
    metre: Metre

    @property
    def bars(self) -> int:
        return len(self.lines) - 1

    def onset(self, tick: int) -> int:
        """The step nearest to a tick."""
        bar = min(max(bisect_right(self.lines, tick) - 1, 0), self.bars - 1)
        place = round((tick - self.lines[bar]) / self.ticks_per_step)
        if place >= self._steps(bar):
            bar, place = bar + 1, 0
        return bar * self.metre.steps_per_bar + place

    def end(self, tick: int) -> int:
        """The step at whose beginning a note is over; at a bar line this is the end of the bar before it."""
        bar = min(max(bisect_right(self.lines, tick - 1) - 1, 0), self.bars - 1)
        place = min(round((tick - self.lines[bar]) / self.ticks_per_step), self._steps(bar))
        return bar * self.metre.steps_per_bar + place

    def _steps(self, bar: int) -> int:
        return round((self.lines[bar + 1] - self.lines[bar]) / self.ticks_per_step)


@dataclass(frozen=True)
class Timed:
    """A meta message at its tick."""

    tick: int
    message: mido.MetaMessage


def read_midi(data: bytes) -> Score:
    """The score in a MIDI file: parts by track name where they are roles, else by channel, range and texture.

    Raises InvalidScore where the bytes are no MIDI file, hold no notes, or are in a metre that no score can have.
    """
    file = open_midi(data)
    metas = sorted((t for track in file.tracks for t in metas_of(track)), key=lambda t: t.tick)
    tracks = [sounding_notes(track) for track in file.tracks]
    length = max([_length(t) for t in file.tracks], default=0)
    if not any(tracks):
        raise InvalidScore("the MIDI file holds no notes; give one that does")
    grid = _grid(metas, file.ticks_per_beat, length)
    key = key_of(metas)
    parts: dict[Role, list[Note]] = {}
    for track, notes in zip(file.tracks, tracks, strict=True):
        for role, group in _roles(track.name, notes).items():
            parts.setdefault(role, []).extend(_placed(role, group, grid))
    return Score(
        metre=grid.metre,
        key=key,
        tempo_bpm=tempo_of(metas, grid.metre),
        bars=grid.bars,
        parts={role: tuple(sorted(set(notes))) for role, notes in parts.items() if notes},
        chords=_chords(metas, grid.bars),
        sections=_sections(metas, grid),
    ).validate()


def open_midi(data: bytes) -> mido.MidiFile:
    """The messages of a MIDI file; raises InvalidScore where the bytes are none, or count frames and not beats."""
    try:
        file = mido.MidiFile(file=BytesIO(data))
    except (OSError, EOFError, ValueError, IndexError, KeyError, TypeError, KeySignatureError) as exc:
        raise InvalidScore(f"not a readable MIDI file ({exc}); give a standard MIDI file of type 0 or 1") from exc
    if file.ticks_per_beat < 1:
        raise InvalidScore("the MIDI file counts frames, not beats; save it with ticks per quarter note")
    return file


def metas_of(track: mido.MidiTrack) -> Iterator[Timed]:
    """All meta messages of a track, in order."""
    tick = 0
    for message in track:
        tick += message.time
        if message.is_meta:
            yield Timed(tick, message)


def _length(track: mido.MidiTrack) -> int:
    return sum(message.time for message in track)


@dataclass(frozen=True, slots=True)
class Sounding:
    """A note in ticks."""

    onset: int
    end: int
    channel: int
    pitch: int
    velocity: int


def sounding_notes(track: mido.MidiTrack) -> list[Sounding]:
    """All notes of a track; one that is never let go lasts to the track's end."""
    tick = 0
    open_: dict[tuple[int, int], list[tuple[int, int]]] = {}
    out: list[Sounding] = []
    for message in track:
        tick += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        at = (message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            open_.setdefault(at, []).append((tick, message.velocity))
        elif open_.get(at):
            onset, velocity = open_[at].pop(0)
            out.append(Sounding(onset, tick, *at, velocity))
    out.extend(Sounding(o, tick, *at, v) for at, waiting in open_.items() for o, v in waiting)
    return out


def _grid(metas: list[Timed], ticks_per_beat: int, length: int) -> _Grid:
    step = ticks_per_beat / 4
    changes = [(t.tick, t.message) for t in metas if t.message.type == "time_signature"]
    spans = [(tick, 16 * m.numerator // m.denominator) for tick, m in changes]
    if not spans or spans[0][0] > 0:
        spans.insert(0, (0, 16))
    lines = [0]
    for (start, steps), (until, _) in zip(spans, [*spans[1:], (length, 0)], strict=True):
        lines[-1] = start
        size = round(steps * step)
        if size < 1:
            raise InvalidScore("the MIDI file has a time signature shorter than a sixteenth; mend it")
        while lines[-1] < until:
            lines.append(lines[-1] + size)
    if len(lines) < 2:
        lines.append(round(spans[-1][1] * step))
    longest = max(round((b - a) / step) for a, b in itertools.pairwise(lines))
    metre = _metre(metas, [m for _, m in changes])
    if longest > metre.steps_per_bar:
        raise InvalidScore(f"a bar of {longest} sixteenths fits no score; write it in {', '.join(Metre)}")
    return _Grid(lines, step, metre)


def _metre(metas: list[Timed], signatures: list[mido.MetaMessage]) -> Metre:
    for text in _texts(metas, "metre "):
        if text.split()[0] in set(Metre):
            return Metre(text.split()[0])
    counts = Counter(f"{m.numerator}/{m.denominator}" for m in signatures)
    for name, _ in counts.most_common():
        if name in set(Metre):
            return Metre(name)
    return Metre.FOUR_FOUR


def _texts(metas: list[Timed], prefix: str, kind: str = "text") -> list[str]:
    return [t.message.text.removeprefix(prefix) for t in metas if t.message.type == kind and _is(t, prefix)]


def _is(timed: Timed, prefix: str) -> bool:
    return bool(timed.message.text.startswith(prefix))


def tempo_of(metas: list[Timed], metre: Metre) -> float:
    """Felt beats a minute at the beginning, 120 quarter notes where the file is silent about it."""
    for text in _texts(metas, "metre "):
        _, _, tempo = text.partition(" tempo ")
        try:
            return float(tempo)
        except ValueError:
            continue
    us = next((t.message.tempo for t in metas if t.message.type == "set_tempo" and t.message.tempo), 500_000)
    return 60e6 / us * 4 / metre.steps_per_beat


def key_of(metas: list[Timed]) -> Key:
    """The key signature, C major where there is none."""
    name = next((t.message.key for t in metas if t.message.type == "key_signature"), "C")
    mode = Mode.MINOR if name.endswith("m") else Mode.MAJOR
    return Key(_PITCH_CLASS[name.removesuffix("m")], mode)


def _roles(name: str, notes: list[Sounding]) -> Mapping[Role, list[Sounding]]:
    """A track's notes by role; tracks with another name are split by channel and judged by how they sound."""
    if name in set(Role):
        return {Role(name): notes}
    out: dict[Role, list[Sounding]] = {}
    for channel in sorted({n.channel for n in notes}):
        group = [n for n in notes if n.channel == channel]
        out.setdefault(Role.DRUMS if channel == DRUM_CHANNEL else _judged(group), []).extend(group)
    return out


def _judged(notes: list[Sounding]) -> Role:
    mean = sum(n.pitch for n in notes) / len(notes)
    if mean < 48:
        return Role.BASS
    if len(notes) / len({n.onset for n in notes}) > 1.5:
        return Role.CHORDS
    return Role.LEAD if mean >= 64 else Role.COUNTER


def _placed(role: Role, notes: list[Sounding], grid: _Grid) -> Iterator[Note]:
    steps = grid.bars * grid.metre.steps_per_bar
    for n in notes:
        onset = grid.onset(n.onset)
        pitch = _pitch(role, n.pitch)
        if pitch is not None and onset < steps:
            yield Note(onset, pitch, max(1, grid.end(n.end) - onset), n.velocity)


def _pitch(role: Role, key: int) -> int | None:
    """The pitch that a role may play, or none."""
    if role is Role.DRUMS:
        near = _DRUM_KIN.get(key, key)
        return near if near in DRUM_KEYS else None
    if role is Role.EFFECTS:
        return key - EFFECT_BASE if 0 <= key - EFFECT_BASE < len(EFFECTS) else None
    return key if role in PITCHED and 21 <= key <= 108 else None


def _chords(metas: list[Timed], bars: int) -> tuple[Chord | None, ...]:
    out: list[Chord | None] = [None] * (2 * bars)
    for text in _texts(metas, "chord "):
        index, _, name = text.partition(" ")
        root, _, quality = name.partition(":")
        if index.isdigit() and int(index) < len(out):
            known = root in _PITCH_CLASS and quality in set(Quality)
            chord = Chord(_PITCH_CLASS[root], Quality(quality)) if known else None
            out[int(index) :] = [chord] * (len(out) - int(index))
    return tuple(out)


def _sections(metas: list[Timed], grid: _Grid) -> tuple[Section, ...]:
    starts: dict[int, Form] = {}
    for t in metas:
        if t.message.type == "marker" and _is(t, "section "):
            name = t.message.text.removeprefix("section ")
            if name in set(Form):
                starts[grid.onset(t.tick) // grid.metre.steps_per_bar] = Form(name)
    starts.setdefault(0, Form.A)
    borders = [*sorted(starts), grid.bars]
    return tuple(Section(starts[a], a, b - a) for a, b in itertools.pairwise(borders) if b > a)
