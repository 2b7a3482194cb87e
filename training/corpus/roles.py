"""Instruments to roles: who leads, who carries the bass, who accompanies."""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.score.score import Note, Role
from training.corpus.drums import TIMPANI, drum_notes, timpani_notes
from training.corpus.passage import Passage
from training.corpus.voices import Features, doubling, features, skyline, split_bass, thinned

LIMITS: Mapping[Role, int] = {Role.LEAD: 2, Role.COUNTER: 2, Role.CHORDS: 6, Role.PAD: 6, Role.BASS: 2, Role.DRUMS: 6}
MAX_VOICES = 3  # instruments that may share the role of chords or pad
DOUBLED = 0.7  # a voice that another plays to this share is left out
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
    """The passage's notes by role, thinned to a playable number of voices; roles without notes are left out."""
    parts: Parts = {role: [] for role in LIMITS}
    for track in passage.tracks:
        if track.drums:
            parts[Role.DRUMS] += drum_notes(track.notes)
        elif track.program == TIMPANI:
            parts[Role.DRUMS] += timpani_notes(track.notes)
    voices = _distinct(_voices(passage))
    voices = _take_bass(voices, parts, passage)
    voices = _take_lead(voices, parts)
    _share_rest(voices, parts, passage)
    return {role: done for role, notes in parts.items() if (done := thinned(notes, LIMITS[role]))}


def _voices(passage: Passage) -> list[_Voice]:
    per = passage.metre.steps_per_bar
    out = []
    for t in passage.tracks:
        notes = tuple(n for n in t.notes if 21 <= n.pitch <= 108)
        if notes and not t.drums and t.program not in UNPITCHED:
            out.append(_Voice(t.program, notes, features(notes, passage.bars, per)))
    return out


def _distinct(voices: list[_Voice]) -> list[_Voice]:
    """Voices that are not mere doublings of a voice with more notes."""
    kept: list[_Voice] = []
    for voice in sorted(voices, key=lambda v: -len(v.notes)):
        if all(doubling(voice.notes, k.notes) < DOUBLED for k in kept):
            kept.append(voice)
    return kept


def _take_bass(voices: list[_Voice], parts: Parts, passage: Passage) -> list[_Voice]:
    low = [v for v in voices if v.like.coverage >= 0.3 and (v.like.pitch < 57 or v.program in KEYBOARDS)]
    if not low:
        return voices
    bass = min(low, key=lambda v: v.like.pitch - (10 if v.program in BASSES else 0))
    rest = [v for v in voices if v is not bass]
    if bass.program not in KEYBOARDS and bass.like.polyphony < 1.5:
        parts[Role.BASS] += bass.notes
        return rest
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
    for voice in sorted(voices, key=lambda v: -salience(v.like, v.program)):
        role = _role_of(voice, beat, room[Role.COUNTER] > count[Role.COUNTER])
        if count[role] < room[role]:
            parts[role] += voice.notes
            count[role] += 1


def _role_of(voice: _Voice, beat: int, counter_free: bool) -> Role:
    like = voice.like
    if like.duration >= 1.75 * beat or (voice.program in PADS and like.duration >= beat):
        return Role.PAD
    if counter_free and like.polyphony <= 1.2 and like.melodic >= 0.45 and voice.program not in KEYBOARDS:
        return Role.COUNTER
    return Role.CHORDS
