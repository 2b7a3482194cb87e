"""A small corpus with clips of it, and a judge that was trained on it for a few steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generators.render.bank import NoteBank
from generators.render.palettes import PALETTES
from generators.render.render import load_bank
from generators.score.style import Style
from training.build import arranged_pieces
from training.clips import Clip, save_clips
from training.judges.clips import Order, load_set, render_set
from training.judges.fit import Batches, Mix, train
from training.judges.labelled import Labelled, load_labelled
from training.judges.net import TaggerNet
from training.loop import LoopConfig
from training.pieces import Piece, load_pieces, save_pieces


@dataclass(frozen=True)
class World:
    """Where everything is, and what was made of it."""

    corpus: Path
    run: Path
    bank: NoteBank
    labelled: Labelled
    batches: Batches
    net: TaggerNet


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("judge")
    pieces = [replace(p, split=("train", "valid", "test")[i % 3]) for i, p in enumerate(arranged_pieces(9, seed=0))]
    save_pieces(folder / "corpus", [chip(p) if p.split == "test" else p for p in pieces])
    for split in ("train", "valid"):
        write_views(folder / "corpus" / split, load_pieces(folder / "corpus", splits=frozenset({split})))
    bank = load_bank(Path("weights/tonereel-mini/instruments"))
    render_set(folder / "corpus", "test", folder / "run" / "clips" / "train", bank, Order(2, clips=1, mastered=0.5))
    labelled, held_out = (load_labelled(folder / "corpus", split) for split in ("train", "valid"))
    batches = Batches(labelled, load_set(folder / "run" / "clips" / "train"), Mix(labelled=6, sounding=2))
    budget = LoopConfig(20, learning_rate=3e-3, log_every=10, ema=0.8)
    net = train(batches, held_out, folder / "run", width=4, budget=budget)
    return World(folder / "corpus", folder / "run", bank, labelled, batches, net)


def chip(piece: Piece) -> Piece:
    """The same in a style whose instruments are synthetic: they are ready at once."""
    return replace(piece, labels=replace(piece.labels, style=Style.CHIPTUNE))


def write_views(folder: Path, pieces: Sequence[Piece]) -> None:
    """What `training.clips` would write, the sound made up."""
    rng = np.random.default_rng(len(pieces))
    clips = [
        Clip(
            rng.normal(-1.0, 0.7, (64, 216)).astype(np.float16),
            rng.dirichlet(np.ones(12)).astype(np.float32),
            PALETTES[p.labels.style][0].name,
            "",
        )
        for p in pieces
    ]
    save_clips(folder, clips, range(len(pieces)))
