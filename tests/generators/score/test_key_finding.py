"""The key of a melody."""

import pytest

from generators.score.key_finding import KEYS, key_of_melody
from generators.score.score import Key, Mode, Note

MAJOR = (60, 62, 64, 65, 67, 64, 62, 60)
MINOR = (57, 59, 60, 62, 64, 60, 68, 69)


def line(pitches: tuple[int, ...], moved: int = 0) -> list[Note]:
    return [Note(4 * i, p + moved, 4, 80) for i, p in enumerate(pitches)]


@pytest.mark.parametrize(("pitches", "key"), [(MAJOR, Key(0, Mode.MAJOR)), (MINOR, Key(9, Mode.MINOR))])
def test_a_plain_tune_is_in_the_key_of_its_scale(pitches: tuple[int, ...], key: Key) -> None:
    assert key_of_melody(line(pitches)) == key


@pytest.mark.parametrize("pitches", [MAJOR, MINOR])
@pytest.mark.parametrize("moved", [1, 5, 7, 11])
def test_a_transposed_tune_is_in_the_transposed_key(pitches: tuple[int, ...], moved: int) -> None:
    before = key_of_melody(line(pitches))

    assert key_of_melody(line(pitches, moved)) == Key((before.tonic + moved) % 12, before.mode)


def test_where_a_tune_ends_decides_between_relatives() -> None:
    shared = (64, 62, 60, 62, 64, 59)
    relatives = (Key(0, Mode.MAJOR), Key(9, Mode.MINOR))

    assert key_of_melody(line((*shared, 60)), relatives).mode is Mode.MAJOR
    assert key_of_melody(line((*shared, 57)), relatives).mode is Mode.MINOR


def test_only_the_keys_in_question_are_chosen_from() -> None:
    assert key_of_melody(line(MAJOR), [Key(6, Mode.MAJOR)]) == Key(6, Mode.MAJOR)


def test_the_length_of_a_tune_repeated_does_not_change_its_key() -> None:
    assert key_of_melody(line(MAJOR * 20)) == key_of_melody(line(MAJOR))


def test_silence_has_the_first_key() -> None:
    assert key_of_melody([]) == KEYS[0]
