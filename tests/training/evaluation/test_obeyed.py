import numpy as np
import pytest

from generators.score.score import Mode
from training.clips import steady_plan
from training.evaluation.hearing import Cues
from training.evaluation.material import Material
from training.evaluation.obeyed import Asked, measure, mode_area, obeyed
from training.evaluation.sounds import Stage

RNG = np.random.default_rng(0)
ASKED = Asked(np.log2(RNG.uniform(60, 160, 60)), RNG.random(60), RNG.random(60), RNG.random(60) > 0.5)


def played(asked: Asked, *, tempo: float = 1.0) -> list[Cues]:
    """Music that does what is asked, heard at a multiple of its tempo."""
    columns = zip(asked.tempo, asked.energy, asked.brightness, asked.major, strict=True)
    return [Cues(6.0 * e, t + np.log2(tempo), 6.0 * e, 8.0 * b, float(m) - 0.5, 0.0) for t, e, b, m in columns]


def test_music_that_does_what_is_asked_is_heard_to_obey() -> None:
    found = obeyed(ASKED, played(ASKED))

    assert found.levels["tempo"].value == pytest.approx(1.0)
    assert found.levels["brightness"].value == pytest.approx(1.0)
    assert found.levels["energy"].value > 0.6
    assert found.mode.value == 1.0
    assert found.beats == 1.0
    assert abs(found.control["tempo"].value) < 0.05


@pytest.mark.parametrize(("heard", "beats"), [(2.0, 1.0), (0.5, 1.0), (1.03, 1.0), (1.2, 0.0)])
def test_a_metrical_relative_of_the_tempo_counts_and_another_tempo_does_not(heard: float, beats: float) -> None:
    assert obeyed(ASKED, played(ASKED, tempo=heard)).beats == beats


def test_music_for_somebody_else_does_not_obey() -> None:
    rows = played(ASKED)
    found = obeyed(ASKED, [rows[i] for i in RNG.permutation(len(rows))])

    assert all(abs(level.value) < 0.35 for level in found.levels.values())
    assert abs(found.mode.value - 0.5) < 0.2


def test_one_mode_alone_tells_nothing_and_no_pieces_are_refused() -> None:
    assert mode_area(np.array([0.1, 0.9]), np.array([True, True])) == 0.5
    with pytest.raises(ValueError, match="at least one"):
        obeyed(ASKED, [])


def test_what_is_asked_is_read_off_the_plans(material: Material) -> None:
    plans = [steady_plan(p.score, p.labels.style) for p in material.held_out]

    asked = Asked.of(plans)

    assert np.exp2(asked.tempo) == pytest.approx([p.tempo_bpm for p in plans])
    assert asked.major.tolist() == [p.key.mode is Mode.MAJOR for p in plans]
    assert asked.energy[0] == pytest.approx(plans[0].controls.values["energy"].mean())


def test_the_section_has_the_ceiling_of_real_music_beside_what_was_composed(material: Material) -> None:
    report = measure(material, Stage(material))

    assert "| held-out pieces |" in report.section.body
    assert set(report.figures) >= {"obeyed tempo", "obeyed energy", "obeyed brightness", "obeyed mode, ROC area"}
