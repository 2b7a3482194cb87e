from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.errors import InvalidScore
from generators.score.perform import Feel, perform, playable, struck_places
from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import Accent, Brief, Cut, Plan
from generators.score.plan.plan import plan
from generators.score.score import Note, Role, Score
from tests.generators.score.briefs import STRAIGHT, brief, briefs, scores, steady

LOOSE = Feel(swing=0.64, strum_s=0.012, laid_back_s={Role.DRUMS: 0.01}, pedal=frozenset({Role.CHORDS}))


def score_of(made: Plan, role: Role, *notes: Note) -> Score:
    bars = len(made.bars)
    return Score(made.metre, made.key, made.tempo_bpm, bars, {role: notes}, (None,) * (2 * bars), made.sections)


def overlaps(played: Performance) -> list[tuple[TimedNote, TimedNote]]:
    found = []
    for notes in played.parts.values():
        for pitch in {n.pitch for n in notes}:
            same = [n for n in notes if n.pitch == pitch]
            found += [(a, b) for a, b in pairwise(same) if a.onset_s + a.duration_s > b.onset_s + 1e-9]
    return found


@settings(max_examples=40)
@given(st.data(), briefs(longest_s=20.0), st.integers(0, 2**31))
def test_notes_stay_inside_sound_and_never_overlap_their_own_pitch(
    data: st.DataObject, asked: Brief, seed: int
) -> None:
    made = plan(asked)
    score = data.draw(scores(made))

    played = perform(score, made, LOOSE, seed=seed)

    for n in (n for notes in played.parts.values() for n in notes):
        assert 0.0 <= n.onset_s < made.duration_s
        assert 0.0 < n.duration_s <= made.duration_s - n.onset_s + 1e-9
        assert 1 <= n.velocity <= 127
    assert overlaps(played) == []


@settings(max_examples=30)
@given(st.data(), briefs(longest_s=20.0))
def test_played_straight_every_note_begins_on_its_step(data: st.DataObject, asked: Brief) -> None:
    made = plan(replace(asked, cuts=()))
    score = playable(data.draw(scores(made)), made)

    played = perform(score, made, STRAIGHT, seed=0)

    per = made.metre.steps_per_bar
    for role, notes in score.parts.items():
        wanted = {round(made.time_of(*divmod(n.onset, per)), 9) for n in notes}
        assert {round(n.onset_s, 9) for n in played.parts.get(role, ())} == wanted


def test_the_same_seed_plays_the_same_and_another_does_not() -> None:
    made = plan(brief(10.0))
    score = steady(made)

    assert perform(score, made, LOOSE, seed=3) == perform(score, made, LOOSE, seed=3)
    assert perform(score, made, LOOSE, seed=3) != perform(score, made, LOOSE, seed=4)


def test_accented_notes_fall_exactly_on_the_cut_however_loose_the_feel() -> None:
    made = plan(brief(20.0, (7.3, 1.0)))
    bar, step = made.accents[0].bar, made.accents[0].step
    assert bar is not None
    assert step is not None

    played = perform(score_of(made, Role.LEAD, Note(bar * 16 + step, 60, 2, 80)), made, LOOSE, seed=5)

    assert played.parts[Role.LEAD][0].onset_s == 7.3


@pytest.mark.parametrize(("unit", "late"), [(2, 2), (1, 1)])
def test_swing_delays_the_off_beat_and_not_the_beat(unit: int, late: int) -> None:
    made = plan(brief(8.0, tempo_bpm=120.0))
    score = score_of(made, Role.LEAD, Note(0, 60, 1, 80), Note(late, 62, 1, 80), Note(2 * unit, 64, 1, 80))
    feel = Feel(swing=2 / 3, swing_unit=unit, timing_jitter_s={}, velocity_jitter=0.0)

    on, off, after = perform(score, made, feel, seed=0).parts[Role.LEAD]

    assert on.onset_s == 0.0
    assert off.onset_s / after.onset_s == pytest.approx(2 / 3)


def test_dropped_beats_cut_the_notes_in_them() -> None:
    made = plan(replace(brief(5.0, tempo_bpm=120.0), tempo_exact=True))
    assert made.bars[-1].steps == 8
    score = score_of(made, Role.PAD, Note(30, 60, 18, 80), Note(42, 64, 4, 80))

    played = perform(score, made, STRAIGHT, seed=0).parts[Role.PAD]

    assert [n.pitch for n in played] == [60]
    assert played[0].onset_s + played[0].duration_s == pytest.approx(5.0)


def test_effects_off_the_grid_join_the_effects() -> None:
    made = plan(brief(8.0))

    played = perform(steady(made), made, LOOSE, seed=0, extra=[TimedNote(3.21, 1.0, 0, 100)])

    assert TimedNote(3.21, 1.0, 0, 100) in played.parts[Role.EFFECTS]


def test_the_pedal_lets_short_notes_ring() -> None:
    made = plan(brief(8.0, tempo_bpm=120.0))
    score = score_of(made, Role.CHORDS, Note(0, 60, 1, 80))
    dry = perform(score, made, STRAIGHT, seed=0).parts[Role.CHORDS][0]
    rung = perform(score, made, replace(STRAIGHT, pedal=frozenset({Role.CHORDS})), seed=0).parts[Role.CHORDS][0]

    assert rung.duration_s > 5 * dry.duration_s


def test_a_score_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidScore, match="bars"):
        perform(steady(plan(brief(10.0))), plan(brief(30.0)), STRAIGHT, seed=0)


def test_an_accent_off_the_grid_draws_the_nearest_step_for_one_blow() -> None:
    made = plan(brief(8.0, tempo_bpm=120.0))
    made = replace(made, accents=(Accent(Cut(2.05, 0.8), 2.05, None, None),))
    score = score_of(made, Role.LEAD, Note(16, 60, 2, 80), Note(18, 62, 2, 80))

    drawn, after = perform(score, made, STRAIGHT, seed=0).parts[Role.LEAD]

    assert drawn.onset_s == 2.05
    assert after.onset_s == pytest.approx(2.25)


def test_an_accent_off_the_grid_yields_to_one_on_a_neighbouring_step() -> None:
    made = plan(brief(8.0, tempo_bpm=120.0))
    on, off = Accent(Cut(2.0, 0.5), 2.0, 1, 0), Accent(Cut(2.09, 1.0), 2.09, None, None)

    assert struck_places(replace(made, accents=(on, off))) == {(1, 0): on}
