"""What all measurements share: the bundle, the held-out pieces and how much is to be measured."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.made import Made, make
from benchmarks.studio import Studio
from training.pieces import Piece, load_pieces


@dataclass(frozen=True)
class Counts:
    """How many of everything are measured."""

    bars: int = 40_000  # for the codec: with 6,000, a role's F1 is known to 0.003 only
    clips: int = 20
    lengths: int = 50
    longest_s: float = 600.0
    pieces: int = 200
    baseline_pieces: int = 60
    novel_pieces: int = 50
    styles: int = 8
    speed_runs: int = 3
    films_s: tuple[int, ...] = (30, 60, 120, 300, 600)
    tunes: int = 40


QUICK = Counts(1500, 4, 8, 60.0, 16, 8, 12, 2, 1, (30, 60), 8)


@dataclass(frozen=True)
class Context:
    """`data` holds the prepared corpus; what is costly is made once and kept."""

    bundle: Path
    data: Path
    counts: Counts
    seed: int = 0

    @cached_property
    def studio(self) -> Studio:
        """The product's parts."""
        return Studio(self.bundle)

    @cached_property
    def held_out(self) -> list[Piece]:
        """Pieces that nothing was trained on."""
        return load_pieces(self.data, splits=frozenset({"valid", "test"}))

    @cached_property
    def made(self) -> list[Made]:
        """Pieces that the bundle composed for captions of held-out pieces."""
        return make(self.studio, self.held_out, self.counts.pieces, seed=self.seed)
