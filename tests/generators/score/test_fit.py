"""Laws of the choice among drawn scores."""

from dataclasses import replace
from random import Random

from generators.score.chart import Symbol
from generators.score.fit import clash, majorness, misfit
from generators.score.score import Key, Mode, Note, Role, Score
from generators.score.style import Style
from generators.score.theme import Placement, ThemeCall
from training.arranger.arrange import arrange
from training.arranger.spec import draw_spec
from training.clips import steady_plan


def test_a_score_fits_its_own_plan_best() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = steady_plan(score, Style.CORPORATE)
    soft = {role: tuple(replace(n, velocity=max(1, n.velocity // 3)) for n in p) for role, p in score.parts.items()}
    sparse = {role: notes[::4] for role, notes in score.parts.items()}

    assert misfit(score, plan) < 0.3
    assert misfit(replace(score, parts=soft), plan) > misfit(score, plan)
    assert misfit(replace(score, parts=sparse), plan) > misfit(score, plan)


def test_the_other_mode_costs() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = steady_plan(score, Style.CORPORATE)
    heard, other = (Mode.MAJOR, Mode.MINOR) if majorness(score) > 0 else (Mode.MINOR, Mode.MAJOR)

    right = misfit(score, replace(plan, key=Key(plan.key.tonic, heard)))
    wrong = misfit(score, replace(plan, key=Key(plan.key.tonic, other)))

    assert wrong > right


def test_silence_has_no_say_on_mode() -> None:
    score = arrange(draw_spec(Random(3), Style.HOUSE), 3)

    assert majorness(replace(score, parts={Role.DRUMS: score.parts[Role.DRUMS]})) == 0.0


def test_a_melody_beside_asked_chords_costs() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = steady_plan(score, Style.CORPORATE)
    asked = replace(plan, harmony=tuple(Symbol(c) for c in score.chords if c is not None))
    lead = tuple(replace(n, pitch=n.pitch + 1) for n in score.parts[Role.LEAD])
    beside = replace(score, parts={**score.parts, Role.LEAD: lead})

    assert clash(beside) > clash(score)
    assert misfit(beside, asked) - misfit(beside, plan) > misfit(score, asked) - misfit(score, plan)


def test_without_a_melody_nothing_clashes() -> None:
    score = arrange(draw_spec(Random(3), Style.HOUSE), 3)

    assert clash(replace(score, parts={Role.DRUMS: score.parts[Role.DRUMS]})) == 0.0


def test_a_theme_that_is_stated_by_nobody_costs() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = replace(steady_plan(score, Style.CORPORATE), themes=(Placement(ThemeCall("hero"), 0, 4),))
    silent = replace(score, parts={role: notes for role, notes in score.parts.items() if role is not Role.LEAD})

    assert misfit(silent, plan) > misfit(silent, replace(plan, themes=())) + 1.0


def test_of_two_scores_in_the_asked_mode_the_clearer_costs_less() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = steady_plan(score, Style.CORPORATE)
    triad = {Mode.MAJOR: (0, 4, 7), Mode.MINOR: (0, 3, 7)}[plan.key.mode]
    other = {Mode.MAJOR: (0, 3, 7), Mode.MINOR: (0, 4, 7)}[plan.key.mode]

    def held(intervals: tuple[int, ...]) -> Score:
        chord = tuple(Note(0, 60 + plan.key.tonic + i, score.steps, 127) for i in intervals)
        return replace(score, parts={**score.parts, Role.PAD: chord})

    assert misfit(held(triad), plan) < misfit(held(other), plan)


def test_of_two_modes_on_one_tonic_the_louder_decides() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)

    def heard(major_velocity: int, minor_velocity: int) -> float:
        common = [Note(0, 60 + i, score.steps, 100) for i in (0, 0, 0, 2, 5, 5, 7, 7)]
        major = [Note(0, 60 + i, score.steps, major_velocity) for i in (4, 4, 9, 11)]
        minor = [Note(0, 60 + i, score.steps, minor_velocity) for i in (3, 3, 8, 10)]
        return majorness(replace(score, parts={Role.PAD: tuple(sorted(common + major + minor))}))

    assert heard(110, 10) > 0.0 > heard(10, 110)
