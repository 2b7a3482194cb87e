"""Instruments to roles: who leads, who carries the bass, who accompanies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from generators.score.score import Note, Role
from training.corpus.drums import TIMPANI, drum_notes, timpani_notes
from training.corpus.passage import Passage
from training.corpus.voices import Features, doubling, features, skyline, split_bass, thinned

LIMITS: Mapping[Role, int] = {Role.LEAD: 2, Role.COUNTER: 2, Role.CHORDS: 6, Role.PAD: 6, Role.BASS: 2, Role.DRUMS: 6}
ORCHESTRA_VOICES = 8  # from so many instruments on the roles may change hands
BLOCK_BARS = 8
MAX_VOICES = 3  # instruments that may share the role of chords or pad
SINGLE = 1.3  # polyphony up to which a voice is a line
DOUBLED = 0.7  # a voice that another plays to this share is left out
MELODIC = 0.45  # share of small moves from which a line counts as a melody
INTERLUDE_PITCH = 60
HIGHEST_BASS = 66
KEYBOARDS = frozenset(range(8))
BASSES = frozenset({*range(32, 40), 43, 58, 70, 87})
SINGERS = frozenset({40, 52, 53, 54, 56, 68, 71, 73, *range(80, 88)})
PADS = frozenset({44, 48, 49, 50, 51, 52, *range(88, 96)})
UNPITCHED = frozenset({TIMPANI, 55, *range(112, 128)})


@dataclass(frozen=True)
class _Voice:
    program: int
    notes: tuple[Note, ...]
    like: Features


Parts = dict[Role, list[Note]]


def assign_roles(passage: Passage) -> dict[Role, tuple[Note, ...]]:
    """The passage's notes by role, thinned to a playable number of voices; roles without notes are left out.

    In an orchestra the melody wanders from desk to desk, so there the roles are given anew every eight bars.
    """
    parts: Parts = {role: [] for role in LIMITS}
    for track in passage.tracks:
        if track.drums:
            parts[Role.DRUMS] += drum_notes(track.notes)
        elif track.program == TIMPANI:
            parts[Role.DRUMS] += timpani_notes(track.notes)
    pitched = sum(not t.drums and t.program not in UNPITCHED for t in passage.tracks)
    shared = pitched >= ORCHESTRA_VOICES and passage.bars > BLOCK_BARS
    for block in _blocks(passage) if shared else [passage]:
        voices = _distinct(_voices(block, BLOCK_BARS if shared else passage.bars))
        voices = _take_bass(voices, parts, block)
        voices = _take_lead(voices, parts)
        _share_rest(voices, parts, block)
    _sing_interludes(parts, passage)
    return {role: done for role, notes in parts.items() if (done := thinned(notes, LIMITS[role]))}


def _blocks(passage: Passage) -> list[Passage]:
    """The passage with only the notes of one block of bars each; places in time stay as they are."""
    size = BLOCK_BARS * passage.metre.steps_per_bar
    out = []
    for start in range(0, passage.bars * passage.metre.steps_per_bar, size):
        inside = [tuple(n for n in t.notes if start <= n.onset < start + size) for t in passage.tracks]
        tracks = (replace(t, notes=notes) for t, notes in zip(passage.tracks, inside, strict=True))
        out.append(replace(passage, tracks=tuple(tracks)))
    return out


def _voices(passage: Passage, bars: int) -> list[_Voice]:
    """Pitched voices; `bars` is how many bars of the passage their notes come from."""
    per = passage.metre.steps_per_bar
    out = []
    for t in passage.tracks:
        notes = tuple(n for n in t.notes if 21 <= n.pitch <= 108)
        if notes and not t.drums and t.program not in UNPITCHED:
            like = features(notes, passage.bars, per)
            coverage = min(like.coverage * passage.bars / bars, 1.0)
            out.append(_Voice(t.program, notes, replace(like, coverage=coverage)))
    return out


def _distinct(voices: list[_Voice]) -> list[_Voice]:
    """Voices that are not mere doublings of a voice with more notes."""
    kept: list[_Voice] = []
    for voice in sorted(voices, key=lambda v: -len(v.notes)):
        if not any(_doubles(voice, k) for k in kept):
            kept.append(voice)
    return kept


def _doubles(voice: _Voice, other: _Voice) -> bool:
    """A line doubles a line at the octave too; chords only double chords, and never swallow a singer or a bass."""
    if other.like.polyphony <= SINGLE:
        return doubling(voice.notes, other.notes, octaves=True) >= DOUBLED
    return voice.like.polyphony > SINGLE and doubling(voice.notes, other.notes, octaves=False) >= DOUBLED


def _take_bass(voices: list[_Voice], parts: Parts, passage: Passage) -> list[_Voice]:
    most = max((v.like.coverage for v in voices), default=0.0)
    low = [v for v in voices if v.like.coverage >= 0.4 * most and (v.like.pitch < 60 or v.program in KEYBOARDS)]
    if not low:
        return voices
    bass = min(low, key=lambda v: v.like.pitch - (10 if v.program in BASSES else 0))
    rest = [v for v in voices if v is not bass]
    if bass.program not in KEYBOARDS and bass.like.polyphony < 1.5:
        # an instrument that changes between bass and tune carries the bass only while it is low
        line = [n for n in bass.notes if n.pitch <= HIGHEST_BASS]
        others = [n for n in bass.notes if n.pitch > HIGHEST_BASS]
    else:
        line, others = split_bass(bass.notes, passage.metre.steps_per_beat)
    parts[Role.BASS] += line
    if others:
        again = features(tuple(others), passage.bars, passage.metre.steps_per_bar)
        rest.append(_Voice(bass.program, tuple(others), again))
    return rest


def salience(like: Features, program: int) -> float:
    """How much a voice stands out as a melody: high, always there, single notes that move, loud, a solo instrument."""
    single = 0.8 if like.polyphony <= 1.2 else 0.0
    solo = 0.6 if program in SINGERS else (-0.4 if program in PADS else 0.0)
    held = -0.5 if like.duration > 10 else 0.0
    return 0.05 * (like.pitch - 60) + like.coverage + single + 0.8 * like.melodic + 0.01 * like.velocity + solo + held


def _take_lead(voices: list[_Voice], parts: Parts) -> list[_Voice]:
    if not voices:
        return []
    lead = max(voices, key=lambda v: salience(v.like, v.program))
    rest = [v for v in voices if v is not lead]
    if lead.like.polyphony <= 1.5:
        parts[Role.LEAD] += lead.notes
        return rest
    top = skyline(lead.notes)
    parts[Role.LEAD] += top
    below = set(lead.notes) - set(top)
    parts[Role.CHORDS] += below
    return rest


def _share_rest(voices: list[_Voice], parts: Parts, passage: Passage) -> None:
    beat = passage.metre.steps_per_beat
    count = {Role.COUNTER: 0, Role.PAD: 0, Role.CHORDS: 1 if parts[Role.CHORDS] else 0}
    room = {Role.COUNTER: 1, Role.PAD: MAX_VOICES, Role.CHORDS: MAX_VOICES}
    for voice in sorted(voices, key=lambda v: (-v.like.coverage, -salience(v.like, v.program))):
        role = _role_of(voice, beat, room[Role.COUNTER] > count[Role.COUNTER])
        if count[role] < room[role]:
            parts[role] += voice.notes
            count[role] += 1


def _sing_interludes(parts: Parts, passage: Passage) -> None:
    """Where nobody leads for two bars or more, the top of the accompaniment becomes the second melody, if it moves."""
    per = passage.metre.steps_per_bar
    led = {n.onset // per for role in (Role.LEAD, Role.COUNTER) for n in parts[role]}
    rests = {b for b in range(passage.bars) if b not in led and ({b - 1, b + 1} - led) & set(range(passage.bars))}
    top = skyline(n for n in parts[Role.CHORDS] if n.onset // per in rests and n.pitch >= INTERLUDE_PITCH)
    if top and features(tuple(top), passage.bars, per).melodic >= MELODIC:
        parts[Role.COUNTER] += top
        sung = set(top)
        parts[Role.CHORDS] = [n for n in parts[Role.CHORDS] if n not in sung]


def _role_of(voice: _Voice, beat: int, counter_free: bool) -> Role:
    like = voice.like
    if like.duration >= 1.75 * beat or (voice.program in PADS and like.duration >= beat):
        return Role.PAD
    if counter_free and like.polyphony <= 1.2 and like.melodic >= MELODIC and voice.program not in KEYBOARDS:
        return Role.COUNTER
    return Role.CHORDS
