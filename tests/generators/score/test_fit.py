"""Laws of the choice among drawn scores."""

from dataclasses import replace
from random import Random

from generators.score.fit import majorness, misfit
from generators.score.score import Key, Mode, Role
from generators.score.style import Style
from training.arranger.arrange import arrange
from training.arranger.spec import draw_spec
from training.clips import steady_plan


def test_a_score_fits_its_own_plan_best() -> None:
    score = arrange(draw_spec(Random(3), Style.CORPORATE), 3)
    plan = steady_plan(score, Style.CORPORATE)
    soft = {role: tuple(replace(n, velocity=max(1, n.velocity // 3)) for n in p) for role, p in score.parts.items()}
    sparse = {role: notes[::4] for role, notes in score.parts.items()}

    assert misfit(score, plan) < 0.2
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
