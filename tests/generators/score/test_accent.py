from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.accent import mark, onset_energy
from generators.score.ending import close
from generators.score.perform import Feel, perform
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.plan import plan
from generators.score.score import CRASH, EFFECTS, Effect, Note, Role, Score
from tests.generators.score.briefs import STRAIGHT, brief, briefs, scores, steady

ALL = tuple(Effect)


def silent(made: Plan) -> Score:
    bars = len(made.bars)
    pad = (Note(0, 60, bars * 16, 60),)
    return Score(made.metre, made.key, made.tempo_bpm, bars, {Role.PAD: pad}, (None,) * (2 * bars), made.sections)


def place(made: Plan, index: int = 0) -> int:
    accent = made.accents[index]
    assert accent.bar is not None
    assert accent.step is not None
    return accent.bar * made.metre.steps_per_bar + accent.step


@settings(max_examples=50)
@given(st.data(), briefs(longest_s=20.0))
def test_a_marked_score_is_valid_and_off_grid_effects_are_on_their_cuts(data: st.DataObject, asked: Brief) -> None:
    made = plan(asked)

    marked = mark(data.draw(scores(made)), made, ALL)

    marked.score.validate()
    off = {a.time_s for a in made.accents if a.bar is None}
    assert {n.onset_s for n in marked.off_grid} <= off


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0.6, 25.0), st.floats(0.2, 1.0)), min_size=1, max_size=10))
def test_every_cut_has_an_onset_exactly_on_it_unless_a_heavier_one_crowds_it(cuts: list[tuple[float, float]]) -> None:
    made = plan(brief(30.0, *cuts))
    marked = mark(close(steady(made), made), made, ALL)

    played = perform(marked.score, made, Feel(), seed=1, extra=marked.off_grid)

    onsets = {n.onset_s for notes in played.parts.values() for n in notes}
    for time_s, weight in cuts:
        crowded = any(abs(t - time_s) < 0.25 and (t, w) != (time_s, weight) for t, w in cuts)
        assert crowded or time_s in onsets


def test_an_accent_is_louder_than_before_and_than_what_is_around_it() -> None:
    made = plan(brief(30.0, (12.1, 0.6)))
    score = steady(made)
    at = place(made)

    marked = mark(score, made, ()).score

    before, after = (onset_energy({r: list(n) for r, n in s.parts.items()}, at) for s in (score, marked))
    assert after > before
    assert after > onset_energy({r: list(n) for r, n in marked.parts.items()}, at + 4)


def test_a_note_held_across_a_cut_is_struck_again_on_it() -> None:
    made = plan(brief(30.0, (12.1, 0.6)))

    pad = mark(silent(made), made, ()).score.parts[Role.PAD]

    assert [n.onset for n in pad] == [0, place(made)]
    assert pad[0].duration == place(made)


def test_a_heavy_cut_gets_an_impact_and_drums_a_crash() -> None:
    made = plan(brief(30.0, (12.1, 1.0)))

    marked = mark(steady(made), made, ALL).score

    assert any(n.onset == place(made) and n.pitch == EFFECTS.index(Effect.IMPACT) for n in marked.parts[Role.EFFECTS])
    assert any(n.onset == place(made) and n.pitch == CRASH for n in marked.parts[Role.DRUMS])


def test_a_light_cut_where_nothing_plays_gets_a_soft_effect() -> None:
    made = plan(brief(30.0, (12.1, 0.3)))

    effects = mark(silent(made), made, (Effect.SHIMMER, Effect.IMPACT)).score.parts[Role.EFFECTS]

    assert [EFFECTS[n.pitch] for n in effects] == [Effect.SHIMMER]


def test_impacts_are_not_piled_up() -> None:
    made = plan(brief(30.0, (12.0, 1.0), (12.5, 1.0), (13.0, 1.0)))

    marked = mark(steady(made), made, ALL)
    played = perform(marked.score, made, STRAIGHT, seed=0, extra=marked.off_grid)

    impacts = [n for n in played.parts[Role.EFFECTS] if EFFECTS[n.pitch] is Effect.IMPACT]
    assert len(impacts) == 1


def test_there_is_a_breath_before_a_very_heavy_hit() -> None:
    made = plan(brief(30.0, (12.1, 1.0)))
    at = place(made)

    marked = mark(steady(made), made, ALL).score

    for role, notes in marked.parts.items():
        if role is not Role.EFFECTS:
            assert not any(n.onset < at - 2 < n.onset + n.duration - 1 < at for n in notes)


def test_a_riser_ends_where_a_heavy_section_begins() -> None:
    made = plan(brief(60.0, (26.0, 1.0)))
    at = place(made)

    effects = mark(steady(made), made, ALL).score.parts[Role.EFFECTS]

    risers = [n for n in effects if EFFECTS[n.pitch] is Effect.RISER]
    assert [n.onset + n.duration for n in risers] == [at]


def test_a_plan_without_cuts_leaves_the_score_as_it_is() -> None:
    made = plan(brief(30.0))

    assert mark(steady(made), made, ALL).score.parts == steady(made).parts


def test_a_cut_in_the_last_moments_strikes_nothing_again_and_its_effect_is_short() -> None:
    made = plan(brief(20.0, (19.5, 0.9)))

    marked = mark(close(steady(made), made), made, ALL)
    played = perform(marked.score, made, STRAIGHT, seed=0, extra=marked.off_grid)

    late = {role: [n for n in notes if n.onset_s > 19.0] for role, notes in played.parts.items()}
    assert {role for role, notes in late.items() if notes} <= {Role.EFFECTS}
    assert all(n.onset_s + n.duration_s < 19.9 for n in late[Role.EFFECTS])


def test_effects_are_over_before_a_piece_ends() -> None:
    made = plan(brief(3.0, (1.35, 0.9)))

    played = perform(mark(close(steady(made), made), made, ALL).score, made, STRAIGHT, seed=0)

    assert max(n.onset_s + n.duration_s for notes in played.parts.values() for n in notes) < 2.75


@settings(max_examples=15)
@given(st.data(), briefs(longest_s=12.0))
def test_a_lead_that_must_keep_still_is_left_as_it_is_written(data: st.DataObject, asked: Brief) -> None:
    made = plan(asked)
    score = data.draw(scores(made))
    per = made.metre.steps_per_bar
    still = data.draw(st.sets(st.integers(0, len(made.bars) - 1)))

    marked = mark(score, made, ALL, still=still).score.validate()

    before, after = ([n for n in s.parts.get(Role.LEAD, ()) if n.onset // per in still] for s in (score, marked))
    assert set(before) <= set(after)


def test_accents_bend_a_lead_that_need_not_keep_still() -> None:
    made = plan(brief(30.0, (12.1, 1.0)))
    score = steady(made, roles=(Role.LEAD,))

    assert mark(score, made, ALL).score.parts[Role.LEAD] != score.parts[Role.LEAD]
    assert mark(score, made, ALL, still=range(len(made.bars))).score.parts[Role.LEAD] == score.parts[Role.LEAD]
