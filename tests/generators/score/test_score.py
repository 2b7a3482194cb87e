"""Laws of the score type."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import InvalidScore
from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section


def _score(**changes: object) -> Score:
    base = Score(
        Metre.FOUR_FOUR,
        Key(0, Mode.MAJOR),
        120.0,
        2,
        {Role.LEAD: (Note(0, 60, 4, 90),), Role.DRUMS: (Note(0, 36, 1, 100),)},
        (Chord(0, Quality.MAJ),) * 4,
        (Section(Form.A, 0, 2),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@given(st.integers(0, 11), st.sampled_from(list(Mode)))
def test_the_normal_shift_leads_to_c_major_or_a_minor(tonic: int, mode: Mode) -> None:
    key = Key(tonic, mode)

    assert -6 <= key.normal_shift <= 5
    assert (tonic + key.normal_shift) % 12 == (0 if mode is Mode.MAJOR else 9)


@given(st.integers(-24, 24))
def test_transposing_there_and_back_gives_the_same_pitch_classes_and_leaves_drums_alone(semitones: int) -> None:
    score = _score()

    back = score.transposed(semitones).transposed(-semitones)

    assert back.key == score.key
    assert back.chords == score.chords
    assert [n.pitch % 12 for n in back.parts[Role.LEAD]] == [0]
    assert back.parts[Role.DRUMS] == score.parts[Role.DRUMS]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bars": 0}, "at least one bar"),
        ({"chords": ()}, "need 4 chords"),
        ({"sections": (Section(Form.A, 1, 1),)}, "cover all bars"),
        ({"parts": {Role.LEAD: (Note(30, 60, 8, 90),)}}, "outside the piece"),
        ({"parts": {Role.DRUMS: (Note(0, 60, 1, 90),)}}, "not one that this role may play"),
    ],
)
def test_a_score_that_breaks_a_rule_says_which(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidScore, match=message):
        _score(**changes).validate()


def test_a_steady_score_lasts_its_beats() -> None:
    assert _score().duration_s == 4.0
    assert _score(metre=Metre.SIX_EIGHT, tempo_bpm=60.0).duration_s == 4.0
