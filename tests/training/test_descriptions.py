"""Descriptions name what is heard in a clip, and nothing else."""

from random import Random

import pytest

from generators.render.palettes import palette_for
from generators.score.score import Mode, Role
from training.build import arranged_pieces
from training.descriptions import Heard, description, levels_of
from training.pieces import Piece


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return list(arranged_pieces(14, seed=2))


def _told(piece: Piece, roles: frozenset[Role], seed: int = 0) -> str:
    palette = palette_for(piece.labels.style, 1)
    heard = Heard((0, piece.score.bars), roles)
    return description(piece.score, piece.labels, palette, heard, Random(seed)).lower()


def test_tempo_mode_and_metre_are_told(pieces: list[Piece]) -> None:
    for piece in pieces:
        text = _told(piece, frozenset(Role))
        assert f"{round(piece.labels.tempo_bpm)} b" in text
        assert ("major" in text) == (piece.score.key.mode is Mode.MAJOR)
        assert ("minor" in text) == (piece.score.key.mode is Mode.MINOR)


def test_players_are_those_of_the_palette_and_silent_roles_are_said_to_be_silent(pieces: list[Piece]) -> None:
    piece = next(p for p in pieces if p.labels.style.value == "jazz")
    palette = palette_for(piece.labels.style, 1)
    bass = palette.parts[Role.BASS].voices[0].instrument.replace("_", " ")

    with_bass, without = _told(piece, frozenset({Role.BASS, Role.LEAD})), _told(piece, frozenset({Role.LEAD}))

    assert bass in with_bass
    assert "no drums" in with_bass
    assert "no bass" not in with_bass
    assert "no bass" in without


def test_a_description_belongs_to_its_bars_alone(pieces: list[Piece]) -> None:
    piece = pieces[3]

    first, whole = (levels_of(piece.score, Heard((0, n), frozenset())) for n in (2, piece.score.bars))

    assert first != whole
    assert all(0.0 <= x <= 1.0 for x in (*first, *whole))


def test_the_same_seed_tells_the_same_and_another_in_other_words(pieces: list[Piece]) -> None:
    roles = frozenset(Role)

    assert _told(pieces[0], roles, 4) == _told(pieces[0], roles, 4)
    assert len({_told(pieces[0], roles, seed) for seed in range(8)}) > 4
