"""Pieces turned into arrays that training reads: packed rolls, chords and controls, bar after bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from generators.score.bars import ROWS, to_rolls
from generators.score.controls import WIDTH, WIDTHS, measure
from generators.score.score import ROLES
from training.pieces import Piece

_SHAPES: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
    "onset": ((len(ROLES), 16, ROWS // 8), np.uint8),
    "sustain": ((len(ROLES), 16, ROWS // 8), np.uint8),
    "velocity": ((len(ROLES), 16), np.uint8),
    "chords": ((2, 2), np.int16),
    "controls": ((WIDTH,), np.float16),
    "control_masks": ((len(WIDTHS),), np.bool_),
    "roles": ((len(ROLES),), np.bool_),  # does the role sound in this bar
}


@dataclass(frozen=True)
class Prepared:
    """Arrays [M ...] over all bars, and `offsets` [P + 1]: the bars of piece p are offsets[p]..offsets[p + 1]."""

    arrays: dict[str, NDArray[np.generic]]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def unpacked(self, name: str, bars: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Packed rolls of some bars as 0 and 1: [m R 16 88]."""
        return np.unpackbits(self.arrays[name][bars].view(np.uint8), axis=-1)


def prepare(folder: Path, pieces: Sequence[Piece]) -> Prepared:
    """Compute and write the arrays of pieces, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    offsets = np.concatenate([[0], np.cumsum([p.score.bars for p in pieces])]).astype(np.int64)
    total = int(offsets[-1])
    arrays = {
        name: open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=(total, *shape))
        for name, (shape, dtype) in _SHAPES.items()
    }
    for piece, first, last in zip(pieces, offsets[:-1], offsets[1:], strict=True):
        score = piece.score
        parts = {role: list(notes) for role, notes in score.parts.items()}
        rolls = to_rolls(parts, score.chords, bars=score.bars, metre=score.metre, key=score.key)
        arrays["onset"][first:last] = np.packbits(rolls.onset, axis=-1)
        arrays["sustain"][first:last] = np.packbits(rolls.sustain, axis=-1)
        arrays["velocity"][first:last] = rolls.velocity
        arrays["chords"][first:last] = rolls.chords
        arrays["roles"][first:last] = (rolls.onset | rolls.sustain).any(axis=(2, 3))
        values, masks = measure(score).stacked()
        arrays["controls"][first:last] = values
        arrays["control_masks"][first:last] = masks
    for array in arrays.values():
        array.flush()
    np.save(folder / "offsets.npy", offsets)
    return load_prepared(folder)


def load_prepared(folder: Path) -> Prepared:
    """Read the arrays into memory: random bars of a memory map would cost a disk read each."""
    arrays = {name: np.load(folder / f"{name}.npy") for name in _SHAPES}
    return Prepared(arrays, np.load(folder / "offsets.npy"))
