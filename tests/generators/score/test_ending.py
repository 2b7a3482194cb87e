from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.chart import read_chart
from generators.score.ending import close, last_place
from generators.score.perform import perform
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.plan import plan
from generators.score.score import CRASH, PITCHED, Chord, Key, Mode, Quality, Role, Score
from tests.generators.score.briefs import STRAIGHT, brief, briefs, scores, steady

TRIAD = {0, 4, 7}


@settings(max_examples=40)
@given(st.data(), briefs(longest_s=30.0))
def test_a_closed_score_is_valid_and_nothing_begins_after_the_last_chord(data: st.DataObject, asked: Brief) -> None:
    made = plan(asked)
    score = data.draw(scores(made))
    final = last_place(score, made)

    closed = close(score, made).validate()

    assert all(n.onset <= final.onset for notes in closed.parts.values() for n in notes)
    assert all(n.onset + n.duration <= final.release for notes in closed.parts.values() for n in notes)


@pytest.mark.parametrize("duration_s", [3.0, 6.0, 10.0, 30.0, 61.7])
def test_everything_is_released_before_the_end_without_a_long_silence(duration_s: float) -> None:
    made = plan(brief(duration_s))

    played = perform(close(steady(made), made), made, STRAIGHT, seed=0)

    ends = [n.onset_s + n.duration_s for notes in played.parts.values() for n in notes]
    assert 0.2 <= duration_s - max(ends) <= 1.5


@pytest.mark.parametrize("duration_s", [6.0, 10.0, 30.0, 61.7, 200.0])
def test_no_note_begins_in_the_last_second(duration_s: float) -> None:
    made = plan(brief(duration_s))

    played = perform(close(steady(made), made), made, STRAIGHT, seed=0)

    assert duration_s - max(n.onset_s for notes in played.parts.values() for n in notes) >= 1.0


def test_every_pitched_role_resolves_to_the_tonic_chord_and_the_bass_to_the_tonic() -> None:
    made = plan(brief(20.0))

    closed = close(steady(made), made)

    at = last_place(steady(made), made).onset
    last = {r: {n.pitch % 12 for n in closed.parts[r] if n.onset == at} for r in PITCHED}
    assert all(classes and classes <= TRIAD for classes in last.values())
    assert last[Role.BASS] == last[Role.LEAD] == {0}
    assert closed.chords[-1] == Chord(0, Quality.MAJ)


def test_drums_end_with_a_hit() -> None:
    made = plan(brief(20.0))

    drums = close(steady(made), made).parts[Role.DRUMS]

    assert drums[-1].pitch == CRASH


def test_the_music_before_the_last_chord_is_left_alone() -> None:
    made = plan(brief(20.0))
    score = steady(made)
    at = last_place(score, made).onset

    closed = close(score, made)

    for role, notes in score.parts.items():
        before = [n for n in notes if n.onset + n.duration <= at]
        assert set(before) <= set(closed.parts[role])


def test_a_late_strong_cut_draws_the_last_chord() -> None:
    made = plan(brief(20.0, (17.2, 1.0)))

    final = last_place(steady(made), made)

    assert made.time_of(*divmod(final.onset, 16)) == pytest.approx(17.2, abs=0.02)


def test_a_loop_does_not_end() -> None:
    made = plan(brief(20.0, loop=True))
    score = steady(made)

    assert close(score, made) is score


def charted(text: str, *, duration_s: float = 20.0) -> tuple[Score, Plan]:
    """Music of steady chords on a chart."""
    made = plan(replace(brief(duration_s), chart=read_chart(text), key=Key(0, Mode.MAJOR)))
    assert made.harmony is not None
    return replace(steady(made), chords=tuple(s.chord for s in made.harmony)), made


@pytest.mark.parametrize("text", ["F G", "Dm7 G7", "C F", "C Am F G"])
def test_asked_chords_stay_until_the_last_chord_and_that_is_the_tonic(text: str) -> None:
    score, made = charted(text)

    closed = close(score, made)

    half = 2 * last_place(score, made).onset // 16
    assert closed.chords[:half] == score.chords[:half]
    assert set(closed.chords[half:]) == {Chord(0, Quality.MAJ)}


def test_music_rather_ends_where_its_chart_is_at_home() -> None:
    places = []
    for text in ("C G G G G G G G", "G C G C G C G C"):
        score, made = charted(text, duration_s=21.0)
        assert made.harmony is not None
        places.append(made.harmony[2 * last_place(score, made).onset // 16].text)

    assert places[1] == "C"


@pytest.mark.parametrize(
    ("text", "quality", "third"), [("C", "maj", 4), ("Cm7", "min", 3), ("C7", "maj", 4), ("Csus4", "maj", 4)]
)
def test_the_third_of_an_asked_tonic_is_kept_and_a_suspension_is_resolved(text: str, quality: str, third: int) -> None:
    score, made = charted(text)

    closed = close(score, made)

    at = last_place(score, made).onset
    assert closed.chords[-1] == Chord(0, Quality(quality))
    assert {n.pitch % 12 for n in closed.parts[Role.CHORDS] if n.onset == at} == {0, third, 7}
