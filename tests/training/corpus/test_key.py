"""Keys from notes."""

import pytest

from generators.score.score import Key, Mode, Note
from training.corpus.key import detect_key, histogram, key_scores

MAJOR = (0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11, 12, 7, 3, 0)


def notes(steps: tuple[int, ...], tonic: int) -> list[Note]:
    return [Note(4 * i, 48 + tonic + s, 4, 80) for i, s in enumerate(steps)]


@pytest.mark.parametrize("tonic", range(12))
def test_scales_are_heard_in_every_key(tonic: int) -> None:
    assert detect_key(notes(MAJOR, tonic)) == Key(tonic, Mode.MAJOR)
    assert detect_key(notes(HARMONIC_MINOR, tonic)) == Key(tonic, Mode.MINOR)


def test_scores_turn_with_the_notes() -> None:
    here, there = (key_scores(histogram(notes(MAJOR, t))) for t in (0, 3))

    assert there[0, 3] == pytest.approx(here[0, 0])
    assert there[1, 0] == pytest.approx(here[1, 9])


def test_silence_is_in_c_major() -> None:
    assert detect_key([]) == Key(0, Mode.MAJOR)


def test_a_very_long_note_counts_no_more_than_a_half_note() -> None:
    assert histogram([Note(0, 60, 400, 80)])[0] == histogram([Note(0, 60, 8, 80)])[0]
