"""A corpus of a few pieces by the arranger."""

from dataclasses import replace
from pathlib import Path

from training.build import arranged_pieces
from training.pieces import save_pieces

CORPUS_SEED = 3


def small_corpus(folder: Path, *, seed: int) -> Path:
    """Six pieces, two of them held out."""
    pieces = [replace(p, split="test" if i % 3 == 2 else "train") for i, p in enumerate(arranged_pieces(6, seed=seed))]
    save_pieces(folder, pieces)
    return folder
