"""MIDI onto the grid."""

import pytest

from generators.score.score import Metre, Note
from tests.training.corpus.tiny import TinyTrack, midi_bytes
from training.corpus.passage import parse, passages


def pulse(quarters: int, gap: float) -> TinyTrack:
    return TinyTrack([(i * gap, 60 + i % 5, gap * 0.9) for i in range(int(quarters / gap))])


def test_sixteenths_fall_on_their_steps() -> None:
    (passage,) = passages(parse(midi_bytes([pulse(32, 0.25)])))

    assert passage.metre is Metre.FOUR_FOUR
    assert [n.onset for n in passage.tracks[0].notes] == list(range(128))
    assert passage.tracks[0].notes[0] == Note(0, 60, 1, 80)


def test_triplets_are_read_as_six_eight_with_the_same_pulse() -> None:
    (passage,) = passages(parse(midi_bytes([pulse(32, 1 / 3)], tempo_bpm=90)))

    assert passage.metre is Metre.SIX_EIGHT
    assert passage.bars == 16
    assert passage.tempo_bpm == pytest.approx(90, abs=0.01)
    assert [n.onset for n in passage.tracks[0].notes] == list(range(0, 192, 2))


def test_quintuplets_fit_no_grid_and_are_left_out() -> None:
    assert passages(parse(midi_bytes([pulse(32, 0.2)]))) == []


def test_six_eight_counts_dotted_quarters() -> None:
    (passage,) = passages(parse(midi_bytes([pulse(30, 0.5)], ((0, 6, 8),), tempo_bpm=120)))

    assert passage.tempo_bpm == pytest.approx(80, abs=0.01)
    assert passage.bars == 10


def test_notes_end_with_the_passage() -> None:
    long = TinyTrack([(0, 60, 1), (31, 62, 20)])
    rest = TinyTrack([(32 + i, 64, 1) for i in range(8)], channel=1)
    (passage,) = passages(parse(midi_bytes([long, rest], ((0, 4, 4), (32, 5, 4)))))

    assert max(n.onset + n.duration for t in passage.tracks for n in t.notes) == 8 * 16


def test_what_is_no_midi_file_is_refused() -> None:
    with pytest.raises(ValueError, match="not a readable MIDI file"):
        parse(b"RIFF and so on")


def test_only_the_last_passage_is_final() -> None:
    found = passages(parse(midi_bytes([pulse(4 * 96, 1.0)])))

    assert [p.final for p in found] == [False] * (len(found) - 1) + [True]
