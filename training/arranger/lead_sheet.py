"""A tune as a fake book gives it: a melody and chords."""

from dataclasses import dataclass, replace

from generators.errors import InvalidScore
from generators.score.score import Chord, Key, Metre, Note


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """Melody notes in steps from the first bar, and two chords a bar (None: the chord before goes on)."""

    key: Key
    metre: Metre
    bars: int
    melody: tuple[Note, ...]
    chords: tuple[Chord | None, ...]
    title: str = ""

    def validate(self) -> "LeadSheet":
        """Return self, or raise InvalidScore naming what is wrong."""
        if self.bars < 1 or not self.melody:
            raise InvalidScore("a lead sheet needs at least one bar and one note")
        if len(self.chords) != 2 * self.bars:
            raise InvalidScore(f"{self.bars} bars need {2 * self.bars} chords, not {len(self.chords)}")
        steps = self.bars * self.metre.steps_per_bar
        for n in self.melody:
            if n.onset < 0 or n.duration < 1 or n.onset + n.duration > steps or not 0 <= n.pitch <= 127:
                raise InvalidScore(f"{n} lies outside the tune of {steps} steps; cut it at the last bar line")
        return self

    def transposed_to(self, tonic: int) -> "LeadSheet":
        """The tune moved by the smaller way to another tonic."""
        shift = (tonic - self.key.tonic + 6) % 12 - 6
        return replace(
            self,
            key=replace(self.key, tonic=tonic % 12),
            melody=tuple(replace(n, pitch=n.pitch + shift) for n in self.melody),
            chords=tuple(c.transposed(shift) if c else None for c in self.chords),
        )
