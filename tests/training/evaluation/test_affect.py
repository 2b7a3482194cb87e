from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.evaluation.world import Chords
from training.evaluation import affect
from training.evaluation.affect import Heard, Wanted, correlation, heard, measure_image, music, sentences
from training.evaluation.hearing import Cues
from training.evaluation.material import Material

WANTED = [
    Wanted("story", "fast major", 0.9, 0.9),
    Wanted("story", "slow major", 0.8, 0.2),
    Wanted("story", "fast minor", 0.2, 0.8),
    Wanted("story", "slow minor", 0.1, 0.1),
]


def rows(pairs: list[tuple[float, float]]) -> list[Heard]:
    """Pieces that are asked for with a level and heard with another, in mode and in tempo."""
    return [Heard(Wanted("story", "x", a, a), Cues(b, b, b, 0.0, b, 0.0), (b, b), None) for a, b in pairs]


@pytest.fixture
def fresh(material: Material, tmp_path: Path) -> Material:
    return replace(material, cache=tmp_path, product=Chords())


def test_music_that_obeys_is_heard_to_obey(fresh: Material) -> None:
    found = heard(fresh, WANTED)

    for dimension in ("valence", "arousal"):
        asked, answer = correlation(found, dimension, "cues")
        assert answer[asked > 0.5].min() > answer[asked < 0.5].max(), dimension


def test_music_is_made_once_and_taken_from_the_cache_after_that(fresh: Material) -> None:
    first = [music(fresh, w, seed=1) for w in WANTED]
    again = [music(fresh, w, seed=1) for w in WANTED]

    assert fresh.product.made == len(WANTED)  # type: ignore[attr-defined]
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a.samples, b.samples)


def test_another_seed_or_length_is_another_piece(fresh: Material) -> None:
    music(fresh, WANTED[0], seed=1)
    music(fresh, WANTED[0], seed=2)
    longer = replace(fresh, amounts=replace(fresh.amounts, seconds=5.0))

    assert music(longer, WANTED[0], seed=1).samples.shape[1] == 5 * 22050
    assert fresh.product.made == 3  # type: ignore[attr-defined]


def test_the_report_has_a_verdict_a_control_and_every_judge() -> None:
    x = np.linspace(0.05, 0.95, 40)

    report = affect._report("affect_story", "Affect", "forty pieces", rows(list(zip(x, x**2, strict=True))))

    assert report.figures["story arousal by cues"] == pytest.approx(1.0)
    assert "valence 0.5: met; arousal 0.5: met" in report.section.body
    assert "tagger |" not in report.section.body
    assert report.series["valence asked"] == pytest.approx(x.tolist())


def test_music_that_does_not_listen_fails_the_bars() -> None:
    rng = np.random.default_rng(0)

    report = affect._report("affect_story", "Affect", "", rows([tuple(rng.random(2)) for _ in range(60)]))

    assert "valence 0.5: **not met**; arousal 0.5: **not met**" in report.section.body


def test_sentences_are_rated_ones_of_the_test_split() -> None:
    few, again = sentences(12, seed=3), sentences(12, seed=3)

    assert few == again
    assert len({w.what for w in few}) == 12
    assert all(0.0 <= w.valence <= 1.0 and 0.0 <= w.arousal <= 1.0 for w in few)


def test_pictures_without_an_archive_are_refused_with_the_way_to_mend_it(material: Material) -> None:
    with pytest.raises(FileNotFoundError, match="--pictures"):
        measure_image(material)
