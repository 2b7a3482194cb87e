"""Chords from notes."""

from itertools import product

import pytest

from generators.score.score import INTERVALS, Chord, Key, Metre, Mode, Note, Quality
from training.corpus.chords import detect_chords

C_MAJOR = Key(0, Mode.MAJOR)
FOUR = Metre.FOUR_FOUR


def block(chord: Chord, onset: int, duration: int) -> list[Note]:
    bass = Note(onset, 36 + chord.root, duration, 80)
    return [bass, *(Note(onset, 60 + chord.root + i, duration, 80) for i in INTERVALS[chord.quality])]


@pytest.mark.parametrize(
    "progression",
    [
        [(0, Quality.MAJ), (5, Quality.MAJ), (7, Quality.DOM7), (0, Quality.MAJ)],
        [(9, Quality.MIN), (5, Quality.MAJ), (0, Quality.MAJ), (7, Quality.MAJ)],
        [(2, Quality.MIN7), (7, Quality.DOM7), (0, Quality.MAJ7), (9, Quality.MIN7)],
        [(11, Quality.HDIM7), (4, Quality.DOM7), (9, Quality.MIN), (2, Quality.MIN)],
    ],
)
def test_known_progressions_are_heard(progression: list[tuple[int, Quality]]) -> None:
    chords = [Chord(*c) for c in progression]
    notes = [n for bar, chord in enumerate(chords) for n in block(chord, 16 * bar, 16)]

    assert detect_chords(notes, 4, FOUR, C_MAJOR) == tuple(c for c in chords for _ in range(2))


@pytest.mark.parametrize(("root", "quality"), product((0, 4, 11), list(Quality)))
def test_every_quality_is_heard_with_its_root_in_the_bass(root: int, quality: Quality) -> None:
    assert detect_chords(block(Chord(root, quality), 0, 16), 1, FOUR, C_MAJOR)[0] == Chord(root, quality)


def test_two_chords_fit_in_a_bar() -> None:
    notes = block(Chord(0, Quality.MAJ), 0, 8) + block(Chord(7, Quality.MAJ), 8, 8)

    assert detect_chords(notes, 1, FOUR, C_MAJOR) == (Chord(0, Quality.MAJ), Chord(7, Quality.MAJ))


def test_a_passing_note_does_not_change_the_chord() -> None:
    notes = [*block(Chord(0, Quality.MAJ), 0, 32), Note(10, 74, 2, 80), Note(12, 77, 2, 80)]

    assert detect_chords(notes, 2, FOUR, C_MAJOR) == (Chord(0, Quality.MAJ),) * 4


def test_a_silent_bar_has_no_chord() -> None:
    assert detect_chords(block(Chord(0, Quality.MAJ), 0, 16), 2, FOUR, C_MAJOR)[2:] == (None, None)


@pytest.mark.parametrize("shift", range(1, 12))
def test_chords_move_with_the_notes(shift: int) -> None:
    chords = [Chord(0, Quality.MAJ), Chord(5, Quality.MAJ), Chord(2, Quality.MIN7), Chord(7, Quality.DOM7)]
    notes = [n for bar, chord in enumerate(chords) for n in block(chord, 16 * bar, 16)]
    moved = [Note(n.onset, n.pitch + shift, n.duration, n.velocity) for n in notes]

    found = detect_chords(moved, 4, FOUR, Key(shift, Mode.MAJOR))

    assert [c.transposed(-shift) for c in found if c] == [c for c in chords for _ in range(2)]
