import pytest

from generators.flow.solver import SolverName
from generators.score.sampling import Sampling
from generators.score.score_codec import ScoreCodec
from training.evaluation.material import Material
from training.evaluation.sounds import Stage
from training.evaluation.steps import EVALUATIONS, SETTINGS, STRIDES, Setting, latents_of, measure, quality
from training.musicality import Envelope, statistics


def test_a_step_of_midpoint_costs_two_evaluations() -> None:
    assert Setting(SolverName.MIDPOINT, 16).sampling.steps == 8
    assert Setting(SolverName.EULER, 16).sampling.steps == 16
    assert Setting(SolverName.EULER, 4).sampling.temperature == Sampling().temperature


def test_strides_are_taken_without_guidance() -> None:
    assert [s.sampling.steps for s in STRIDES] == [1, 2, 4, 8]
    assert all(s.sampling.strides and s.sampling.guidance == 1.0 for s in STRIDES)
    assert Setting(SolverName.EULER, 4).sampling.guidance > 1.0


def test_every_number_of_evaluations_is_tried_and_none_that_a_solver_cannot_take() -> None:
    assert {s.evaluations for s in SETTINGS if s.solver is SolverName.EULER} == set(EVALUATIONS)
    assert all(s.sampling.steps >= 1 for s in SETTINGS)
    assert Setting(SolverName.MIDPOINT, 1) not in SETTINGS


def test_real_pieces_are_nearer_to_themselves_than_pieces_without_half_their_roles(material: Material) -> None:
    stage = Stage(material)
    real = [w.real for w in stage.written]
    codec = ScoreCodec.load(material.bundle / "codec.safetensors")
    envelope, reference = Envelope.of([statistics(s) for s in real]), latents_of(codec, real)
    thin = [material.product.compose(w, Sampling(steps=1), best=False) for w in stage.written]

    whole = quality(real, stage.written, envelope, codec, reference)
    part = quality(thin, stage.written, envelope, codec, reference)

    assert whole.distance == pytest.approx(0.0, abs=1e-6)
    assert whole.misfit < part.misfit
    assert part.distance > 1e-4
    assert part.inside < whole.inside


def test_the_section_has_a_row_for_every_setting_and_marks_the_default(material: Material) -> None:
    report = measure(material, Stage(material))

    for setting in SETTINGS:
        assert f"| {setting.name} |" in report.section.body or f"| **{setting.name}** |" in report.section.body
    assert f"**guided midpoint {2 * Sampling().steps}**" in report.section.body
    assert "strides" not in report.section.body.split("| evaluations")[1]
    assert report.figures["default steps: seconds for a minute, all draws"] > 0.0
    assert len(report.series["guided euler misfit"]) == len(EVALUATIONS)
