"""A score: roles, notes on a grid of steps, chords and form; the one symbolic type that everything shares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from generators.errors import InvalidScore


class Role(StrEnum):
    """What a part does in the music, whatever instrument plays it."""

    LEAD = "lead"
    COUNTER = "counter"
    CHORDS = "chords"
    PAD = "pad"
    BASS = "bass"
    DRUMS = "drums"
    EFFECTS = "effects"


ROLES: tuple[Role, ...] = tuple(Role)
PITCHED: tuple[Role, ...] = ROLES[:5]


class Effect(StrEnum):
    """Sounds for hits and joins; an effect's `pitch` in a note is its place in `EFFECTS`."""

    IMPACT = "impact"  # a deep hit on a cut
    SUB_DROP = "sub_drop"  # falling sub bass
    RISER = "riser"  # swells until the end of the note
    REVERSE = "reverse"  # reversed cymbal, ends at the end of the note
    SWEEP_DOWN = "sweep_down"  # noise that falls away after a hit
    SHIMMER = "shimmer"  # bell tree or glassy sparkle, a soft accent
    BOOM = "boom"  # soft low drum, a gentle accent
    WHOOSH = "whoosh"  # passes by, loudest in the middle


EFFECTS: tuple[Effect, ...] = tuple(Effect)

#: General MIDI keys of the drum sounds a score may use.
DRUM_KEYS: tuple[int, ...] = (36, 38, 37, 39, 42, 44, 46, 41, 45, 48, 49, 51, 54, 56, 70, 63)
KICK, SNARE, SIDE_STICK, CLAP, CLOSED_HAT, PEDAL_HAT, OPEN_HAT, FLOOR_TOM = DRUM_KEYS[:8]
LOW_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, COWBELL, SHAKER, CONGA = DRUM_KEYS[8:]


class Metre(StrEnum):
    """Bars of 16 steps (4/4) or 12 steps (3/4, 6/8); a step is a sixteenth note."""

    FOUR_FOUR = "4/4"
    THREE_FOUR = "3/4"
    SIX_EIGHT = "6/8"

    @property
    def steps_per_bar(self) -> int:
        """Steps in a bar."""
        return 16 if self is Metre.FOUR_FOUR else 12

    @property
    def steps_per_beat(self) -> int:
        """Steps in a felt beat: a quarter note, or a dotted quarter in 6/8."""
        return 6 if self is Metre.SIX_EIGHT else 4

    @property
    def beats_per_bar(self) -> int:
        """Felt beats in a bar: 4, 3 or 2."""
        return self.steps_per_bar // self.steps_per_beat


class Mode(StrEnum):
    """Major or minor; church modes count as the nearer one."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic pitch class (0 = C) and a mode."""

    tonic: int
    mode: Mode

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the major or natural minor scale."""
        steps = (0, 2, 4, 5, 7, 9, 11) if self.mode is Mode.MAJOR else (0, 2, 3, 5, 7, 8, 10)
        return frozenset((self.tonic + s) % 12 for s in steps)

    @property
    def normal_shift(self) -> int:
        """Semitones (-6..5) that bring this key to C major or A minor."""
        target = 0 if self.mode is Mode.MAJOR else 9
        return (target - self.tonic + 6) % 12 - 6


class Quality(StrEnum):
    """Chord qualities; every other chord symbol is read as the nearest of these."""

    MAJ = "maj"
    MIN = "min"
    DIM = "dim"
    AUG = "aug"
    SUS2 = "sus2"
    SUS4 = "sus4"
    MAJ7 = "maj7"
    MIN7 = "min7"
    DOM7 = "7"
    HDIM7 = "hdim7"


QUALITIES: tuple[Quality, ...] = tuple(Quality)
INTERVALS: Mapping[Quality, tuple[int, ...]] = {
    Quality.MAJ: (0, 4, 7),
    Quality.MIN: (0, 3, 7),
    Quality.DIM: (0, 3, 6),
    Quality.AUG: (0, 4, 8),
    Quality.SUS2: (0, 2, 7),
    Quality.SUS4: (0, 5, 7),
    Quality.MAJ7: (0, 4, 7, 11),
    Quality.MIN7: (0, 3, 7, 10),
    Quality.DOM7: (0, 4, 7, 10),
    Quality.HDIM7: (0, 3, 6, 10),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """A root pitch class (0 = C) and a quality."""

    root: int
    quality: Quality

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Sounding pitch classes."""
        return frozenset((self.root + i) % 12 for i in INTERVALS[self.quality])

    def transposed(self, semitones: int) -> "Chord":
        """The same quality on another root."""
        return replace(self, root=(self.root + semitones) % 12)


class Form(StrEnum):
    """What a section is for; sections of one form share their material."""

    INTRO = "intro"
    A = "a"
    B = "b"
    BRIDGE = "bridge"
    BUILD = "build"
    OUTRO = "outro"


FORMS: tuple[Form, ...] = tuple(Form)


@dataclass(frozen=True, slots=True)
class Section:
    """A run of bars with one form."""

    form: Form
    start_bar: int
    bars: int


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note: onset and duration in steps from the start of the piece, MIDI pitch, velocity 1..127.

    In the drum part `pitch` is one of `DRUM_KEYS`; in the effect part it is an index into `EFFECTS`.
    """

    onset: int
    pitch: int
    duration: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Score:
    """Parts by role on a grid of `bars` equal bars; two chords a bar (None: no chord); sections cover all bars."""

    metre: Metre
    key: Key
    tempo_bpm: float  # felt beats per minute (dotted quarters in 6/8)
    bars: int
    parts: Mapping[Role, tuple[Note, ...]]
    chords: tuple[Chord | None, ...]
    sections: tuple[Section, ...]

    @property
    def steps(self) -> int:
        """Length in steps."""
        return self.bars * self.metre.steps_per_bar

    @property
    def duration_s(self) -> float:
        """Length in seconds at a steady tempo."""
        return self.bars * self.metre.beats_per_bar * 60.0 / self.tempo_bpm

    def validate(self) -> "Score":
        """Return self, or raise InvalidScore naming what is wrong."""
        if self.bars < 1:
            raise InvalidScore(f"a score needs at least one bar, not {self.bars}")
        if len(self.chords) != 2 * self.bars:
            raise InvalidScore(f"{self.bars} bars need {2 * self.bars} chords, not {len(self.chords)}")
        covered = [b for s in self.sections for b in range(s.start_bar, s.start_bar + s.bars)]
        if covered != list(range(self.bars)):
            raise InvalidScore("sections must cover all bars once, in order")
        for role, notes in self.parts.items():
            for n in notes:
                if n.onset < 0 or n.duration < 1 or n.onset + n.duration > self.steps or not 1 <= n.velocity <= 127:
                    raise InvalidScore(f"{role}: {n} lies outside the piece of {self.steps} steps or is not playable")
                if not _pitch_fits(role, n.pitch):
                    raise InvalidScore(f"{role}: pitch {n.pitch} is not one that this role may play")
        return self

    def transposed(self, semitones: int) -> "Score":
        """All pitched parts, chords and the key moved by semitones; out of 21..108 folds by an octave."""
        parts = {
            role: tuple(replace(n, pitch=_fold(n.pitch + semitones)) for n in notes) if role in PITCHED else notes
            for role, notes in self.parts.items()
        }
        chords = tuple(c.transposed(semitones) if c else None for c in self.chords)
        return replace(self, parts=parts, chords=chords, key=replace(self.key, tonic=(self.key.tonic + semitones) % 12))


def _pitch_fits(role: Role, pitch: int) -> bool:
    if role is Role.DRUMS:
        return pitch in DRUM_KEYS
    if role is Role.EFFECTS:
        return 0 <= pitch < len(EFFECTS)
    return 21 <= pitch <= 108


def _fold(pitch: int) -> int:
    while pitch < 21:
        pitch += 12
    while pitch > 108:
        pitch -= 12
    return pitch
