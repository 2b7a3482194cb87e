"""The pool: clips that sound, that can be told again, and that a second run adds to."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from generators.render.bank import NoteBank
from generators.render.render import load_bank
from training.audio.crew import Crew
from training.audio.pool import CLIP_SAMPLES, RATE, Pool, Rendered, bank_of, load_pool, render_pool, stretch
from training.build import arranged_pieces
from training.pieces import Piece


@dataclass(frozen=True)
class World:
    pieces: list[Piece]
    bank: NoteBank
    pool: Pool
    folder: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    pieces = list(arranged_pieces(2, seed=5))
    bank = load_bank(Path("weights/tonereel-mini/instruments"))
    folder = tmp_path_factory.mktemp("pool")
    return World(pieces, bank, render_pool(pieces, Crew(lambda: bank), folder, clips=2, seed=3), folder)


def test_every_clip_sounds_and_is_of_another_piece(world: World) -> None:
    assert world.pool.clips.shape == (2, 2, CLIP_SAMPLES)
    assert (np.abs(world.pool.clips.astype(int)).max(axis=(1, 2)) > 1000).all()
    assert {origin.piece for origin in world.pool.origins} == {0, 1}


def test_what_was_played_can_be_told_again(world: World) -> None:
    origin = world.pool.origins[0]

    first, again = (stretch(world.pieces[origin.piece], origin)[0] for _ in range(2))

    assert first == again
    assert first.duration_s == pytest.approx(CLIP_SAMPLES / RATE)
    onsets = [n.onset_s for notes in first.parts.values() for n in notes]
    assert onsets
    assert min(onsets) >= 0.0
    assert max(onsets) < first.duration_s


def test_a_pool_that_is_being_filled_shows_what_is_there(world: World) -> None:
    assert load_pool(world.folder).origins == world.pool.origins


def test_more_clips_are_added_to_those_that_are_there(world: World, tmp_path: Path) -> None:
    crew = Crew(lambda: world.bank)
    render_pool(world.pieces, crew, tmp_path, clips=1, seed=3, clip_samples=4096)
    one = load_pool(tmp_path).clips.copy()

    grown = render_pool(world.pieces, crew, tmp_path, clips=2, seed=3, clip_samples=4096)

    assert len(grown.origins) == 2
    assert np.array_equal(grown.clips[0], one[0])
    assert grown.origins == world.pool.origins
    assert all(isinstance(origin, Rendered) for origin in grown.origins)


def test_two_workers_make_the_clips_of_one(world: World, tmp_path: Path) -> None:
    crew = Crew(partial(bank_of, Path("weights/tonereel-mini/instruments"), 100_000_000), 2)

    made = render_pool(world.pieces, crew, tmp_path, clips=2, seed=3)

    assert made.origins == world.pool.origins
    assert np.array_equal(made.clips, world.pool.clips)
