"""Passages become scores."""

import pytest

from generators.score.score import Chord, Key, Mode, Quality, Role
from tests.training.corpus.tiny import TinyTrack, midi_bytes, song
from training.corpus.excerpt import score_of
from training.corpus.passage import parse, passages


@pytest.mark.parametrize("shift", [0, 3, -4])
def test_a_song_becomes_a_valid_score_in_its_key_with_its_chords(shift: int) -> None:
    (passage,) = passages(parse(midi_bytes(song(shift=shift))))

    score = score_of(passage, keep_velocity=False)

    assert score is not None
    assert score.validate() is score
    assert score.key == Key(shift % 12, Mode.MAJOR)
    roots = [c.root for c in score.chords[::2] if c]
    assert roots[:4] == [(r + shift) % 12 for r in (0, 5, 7, 0)]
    assert score.chords[0] == Chord(shift % 12, Quality.MAJ)
    assert {Role.LEAD, Role.CHORDS, Role.BASS} <= set(score.parts)


def test_played_velocities_stay_and_written_ones_are_shaped() -> None:
    (passage,) = passages(parse(midi_bytes(song())))

    played, written = (score_of(passage, keep_velocity=k) for k in (True, False))

    assert played is not None
    assert written is not None
    assert {n.velocity for notes in played.parts.values() for n in notes} == {80}
    assert len({n.velocity for notes in written.parts.values() for n in notes}) > 5


def test_empty_bars_around_the_music_are_cut() -> None:
    notes = [(16.0 + i, 60 + i % 5, 1.0) for i in range(40)]
    after = [(100.0, 36, 0.0)]
    (passage,) = passages(parse(midi_bytes([TinyTrack([*notes, *after])])))

    score = score_of(passage, keep_velocity=False)

    assert score is not None
    assert score.parts[Role.LEAD][0].onset == 0
    assert score.bars == 10


def test_a_passage_that_is_mostly_silent_gives_no_score() -> None:
    sparse = TinyTrack([(0.0, 60, 1.0), (60.0, 60, 1.0)])
    (passage,) = passages(parse(midi_bytes([sparse])))

    assert score_of(passage, keep_velocity=False) is None
