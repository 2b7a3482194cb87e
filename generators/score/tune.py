"""A tune: the melody that somebody gives, on the grid, before it has a place in a piece."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from generators.errors import InvalidScore
from generators.score.score import Key, Metre, Note

LEAD_RANGE = (60, 79)  # the middle of a tune lies here, so that neither the bass nor the cymbals cover it
_PHRASE = 4  # bars
_BACK = 3  # bars by which a cut may come earlier for the sake of a phrase's end


@dataclass(frozen=True, slots=True)
class Tune:
    """Notes one at a time; onsets count from the first bar line, and those of a pickup are negative."""

    metre: Metre
    tempo_bpm: float  # felt beats per minute, as in a score
    key: Key
    notes: tuple[Note, ...]

    @property
    def bars(self) -> int:
        """Bars from the first bar line to the last note's end; at least one."""
        end = max((n.onset + n.duration for n in self.notes), default=0)
        return max(1, -(-end // self.metre.steps_per_bar))

    @property
    def pickup(self) -> int:
        """Steps before the first bar line."""
        return max(0, -self.notes[0].onset) if self.notes else 0

    def validate(self) -> "Tune":
        """Return self, or raise InvalidScore: no notes, two at once, or a pickup of a bar or more."""
        if not self.notes:
            raise InvalidScore("a tune needs at least one note")
        if self.pickup >= self.metre.steps_per_bar:
            raise InvalidScore(f"a pickup of {self.pickup} steps does not fit into one bar; begin a bar earlier")
        for before, after in zip(self.notes, self.notes[1:], strict=False):
            if before.onset + before.duration > after.onset:
                raise InvalidScore(f"a tune has one note at a time, but {before} sounds into {after}")
        return self

    def transposed(self, semitones: int) -> "Tune":
        """All notes and the key moved."""
        notes = tuple(replace(n, pitch=n.pitch + semitones) for n in self.notes)
        return replace(self, notes=notes, key=replace(self.key, tonic=(self.key.tonic + semitones) % 12))

    def in_key(self, key: Key) -> "Tune":
        """The tune moved the short way so that its scale is the key's; one in the other mode becomes its relative."""
        shift = (self.key.normal_shift - key.normal_shift + 6) % 12 - 6
        return replace(self.transposed(shift), key=key)

    def in_range(self) -> "Tune":
        """The tune moved by whole octaves, no more than needed, so that the middle of it lies in the lead's range."""
        middle = float(np.median([n.pitch for n in self.notes]))
        octaves = max(0, ceil((LEAD_RANGE[0] - middle) / 12)) - max(0, ceil((middle - LEAD_RANGE[1]) / 12))
        notes = (replace(n, pitch=int(np.clip(n.pitch + 12 * octaves, 21, 108))) for n in self.notes)
        return replace(self, notes=tuple(notes))

    def cut(self, bars: int) -> "Tune":
        """At most so many bars: up to the last end of a phrase among the last few of them, else to the bar line."""
        if self.bars <= bars:
            return self
        ends = [b for b in range(max(1, bars - _BACK), bars + 1) if self._ends_phrase(b)]
        end = (max(ends) if ends else bars) * self.metre.steps_per_bar
        return replace(
            self, notes=tuple(replace(n, duration=min(n.duration, end - n.onset)) for n in self.notes if n.onset < end)
        )

    def _ends_phrase(self, bar: int) -> bool:
        """Whether the melody breathes before a bar line: four bars are over, or no note begins in the last half bar."""
        end = bar * self.metre.steps_per_bar
        inside = [n for n in self.notes if n.onset < end]
        return bar % _PHRASE == 0 or (bool(inside) and end - inside[-1].onset >= self.metre.steps_per_bar // 2)


@dataclass(frozen=True, slots=True)
class Statement:
    """The tune at one place: the bar that its first bar line begins, how many bars of it, and its notes there.

    Notes are in steps from the start of the piece; those of a pickup lie in the bar before.
    """

    start_bar: int
    bars: int
    notes: tuple[Note, ...]
    has_pickup: bool

    @property
    def cells(self) -> range:
        """The bars whose lead is the tune's and nobody else's."""
        return range(self.start_bar - self.has_pickup, self.start_bar + self.bars)


@dataclass(frozen=True, slots=True)
class Melody:
    """A tune as it is played, in the key and range of the piece, and its places."""

    tune: Tune
    statements: tuple[Statement, ...]

    @property
    def bars(self) -> frozenset[int]:
        """All bars whose lead is given."""
        return frozenset(bar for statement in self.statements for bar in statement.cells)

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, in steps from the start of the piece."""
        return tuple(sorted(note for statement in self.statements for note in statement.notes))

    @property
    def is_cut(self) -> bool:
        """Whether the piece is too short for the whole tune."""
        return self.statements[0].bars < self.tune.bars


def one_at_a_time(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The top line: the highest note of each onset, each let go where the next begins."""
    highest: dict[int, Note] = {}
    for note in notes:
        if note.onset not in highest or note.pitch > highest[note.onset].pitch:
            highest[note.onset] = note
    line = [highest[onset] for onset in sorted(highest)]
    ends = [n.onset for n in line[1:]] + [line[-1].onset + line[-1].duration] if line else []
    return tuple(replace(n, duration=min(n.duration, end - n.onset)) for n, end in zip(line, ends, strict=True))
