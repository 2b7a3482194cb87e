import numpy as np
import pytest

from generators.score.style import STYLES
from tests.training.adapter_world import random_labels
from training.evaluation.attributes import PROMPTS, balanced_accuracy, measure, nearest, truths
from training.evaluation.material import Material


def test_an_answer_that_is_always_the_common_class_is_worth_chance() -> None:
    truth = np.array([0] * 90 + [1] * 10)

    assert balanced_accuracy(truth, np.zeros(100, np.int64)) == 0.5
    assert balanced_accuracy(truth, truth) == 1.0


def test_points_go_to_the_class_whose_words_lie_nearest() -> None:
    classes = [np.eye(3, dtype=np.float32)[[i, i]] for i in range(3)]

    found = nearest(np.array([[0.1, 0.9, 0.0], [0.8, 0.3, 0.1]], np.float32), classes)

    assert found.tolist() == [1, 0]


def test_every_attribute_has_as_many_classes_as_prompts() -> None:
    found = truths(random_labels(300, seed=1))

    assert set(found) == set(PROMPTS)
    for name, (judged, truth) in found.items():
        assert set(np.unique(truth[judged])) == set(range(len(PROMPTS[name])))


def test_levels_are_cut_into_equal_thirds() -> None:
    labels = random_labels(300, seed=2)

    judged, truth = truths(labels)["tempo"]

    assert judged.all()
    assert np.bincount(truth).tolist() == pytest.approx([100, 100, 100], abs=2)
    tempi = np.array([x.tempo_bpm for x in labels])
    assert tempi[truth == 0].max() <= tempi[truth == 1].min()


def test_prompts_name_every_style() -> None:
    assert len(PROMPTS["style"]) == len(STYLES)
    assert all(prompts for prompts in PROMPTS["style"])


def test_the_section_tells_accuracy_and_calibration(material: Material) -> None:
    report = measure(material)

    assert {f"zero-shot {name}" for name in PROMPTS} <= set(report.figures)
    assert 0.0 <= report.figures["calibration error style"] <= 1.0
    assert "chance" in report.section.body
