"""Clips of `training.clips` with what is true of them, for training the judge and for asking it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.render.palettes import PALETTES
from generators.score.score import Metre, Role
from generators.score.style import Style
from training.judges.clips import present, targets_of
from training.judges.view import View
from training.pieces import Header, labels_of, load_heads

LEAST_SHARE = 0.5  # of a piece's bars in which a role must strike a note to be counted on in a clip of it
ANSWERS = ("style", "tempo", "mode", "valence", "arousal")


@dataclass(frozen=True)
class Labelled:
    """Views of clips (mel float16 [M 64 F], chroma [M 12]) with what is true of each.

    `targets` [M 5] in the order of ANSWERS, which `instruments` play [M I], and `mood` [M 2]: valence and arousal.
    """

    mel: NDArray[np.float16]
    chroma: NDArray[np.float32]
    targets: Tensor
    instruments: Tensor
    mood: NDArray[np.float32]

    def view(self, rows: NDArray[np.int64]) -> View:
        """Some clips; in order they are read fastest."""
        return View(torch.from_numpy(self.mel[rows].astype(np.float32)), torch.from_numpy(self.chroma[rows]))


def load_labelled(folder: Path, split: str) -> Labelled:
    """What `training.clips` rendered of a split."""
    heads, notes = load_heads(folder, splits=frozenset({split})), np.load(folder / "notes.npy", mmap_mode="r")
    of = [heads[p] for p in np.load(folder / split / "mel_piece.npy").tolist()]
    palettes = json.loads((folder / split / "mel_palette.json").read_text())
    labels = [labels_of(h) for h in of]
    played = [
        present(voices(said.style, palette, sounding_roles(head, notes[head["first"] : head["last"]])))
        for head, said, palette in zip(of, labels, palettes, strict=True)
    ]
    return Labelled(
        np.load(folder / split / "mels.npy"),
        np.load(folder / split / "chroma.npy"),
        torch.from_numpy(np.stack([targets_of(said) for said in labels])),
        torch.from_numpy(np.stack(played)),
        np.array([(said.valence, said.arousal) for said in labels], dtype=np.float32),
    )


def voices(style: Style, palette: str, roles: Collection[Role]) -> frozenset[str]:
    """The instruments that play some roles in a style's palette of that name."""
    parts = next(p for p in PALETTES[style] if p.name == palette).parts
    return frozenset(v.instrument for role in roles if role in parts for v in parts[role].voices)


def sounding_roles(head: Header, notes: NDArray[np.int16]) -> list[Role]:
    """Roles that strike a note in `LEAST_SHARE` of a piece's bars; notes are its rows [n 5] of `notes.npy`."""
    bars = notes[:, 1] // Metre(head["metre"]).steps_per_bar
    return [r for i, r in enumerate(Role) if len(np.unique(bars[notes[:, 0] == i])) >= LEAST_SHARE * head["bars"]]
