"""Laws of the controls: what is measured moves with the music, and masks hide."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from generators.score.controls import WIDTH, WIDTHS, Controls, measure, place, scaled_tempo
from generators.score.score import PITCHED, Note, Role, Score
from generators.score.style import Style
from training.arranger.arrange import arrange
from training.arranger.spec import draw_spec


@pytest.fixture(scope="module")
def score() -> Score:
    return arrange(draw_spec(Random(1), Style.CORPORATE), 1)


def _mean(score: Score, name: str) -> float:
    return float(measure(score).values[name].mean())


def test_louder_music_has_more_energy(score: Score) -> None:
    soft = {role: tuple(replace(n, velocity=max(1, n.velocity // 2)) for n in p) for role, p in score.parts.items()}

    assert _mean(replace(score, parts=soft), "energy") < _mean(score, "energy")


def test_fewer_notes_are_less_dense_and_quieter(score: Score) -> None:
    sparse = {role: notes[::3] for role, notes in score.parts.items()}

    assert _mean(replace(score, parts=sparse), "density") < _mean(score, "density")


def test_an_octave_up_is_brighter_by_a_quarter(score: Score) -> None:
    low = {role: tuple(n for n in notes if n.pitch <= 96) for role, notes in score.parts.items() if role in PITCHED}
    high = {role: tuple(replace(n, pitch=n.pitch + 12) for n in notes) for role, notes in low.items()}
    at = measure(replace(score, parts=low))
    mask = at.mask("brightness")

    rise = measure(replace(score, parts=high)).values["brightness"] - at.values["brightness"]

    assert np.allclose(rise[mask][rise[mask] > 0], 0.25, atol=0.26)
    assert (rise[mask] >= 0).all()


def test_all_values_lie_between_zero_and_one(score: Score) -> None:
    values, masks = measure(score).stacked()

    assert values.shape == (score.bars, WIDTH)
    assert masks.shape == (score.bars, len(WIDTHS))
    assert values.min() >= 0.0
    assert values.max() <= 1.0


def test_what_is_masked_is_zero_and_unnamed_controls_are_free(score: Score) -> None:
    full = measure(score)
    free = Controls(
        {"place": full.values["place"], "energy": full.values["energy"]}, {"energy": np.zeros(score.bars, bool)}
    )

    values, masks = free.stacked()

    assert masks.sum() == score.bars
    assert np.allclose(values[:, 0], 0.0)


def test_place_counts_from_both_ends() -> None:
    here = place([(0, 2), (2, 3)], 5) * 8

    assert here[:, 0].tolist() == [0, 1, 0, 1, 2]
    assert here[:, 3].tolist() == [4, 3, 2, 1, 0]


def test_the_tempo_scale_is_logarithmic() -> None:
    assert scaled_tempo(40) == 0.0
    assert scaled_tempo(200) == 1.0
    assert scaled_tempo(80) - scaled_tempo(40) == pytest.approx(scaled_tempo(160) - scaled_tempo(80))


def test_resting_roles_are_marked_resting(score: Score) -> None:
    without: dict[Role, tuple[Note, ...]] = {
        role: notes for role, notes in score.parts.items() if role is not Role.BASS
    }

    roles = measure(replace(score, parts=without)).values["roles"]

    assert roles[:, list(Role).index(Role.BASS)].max() == 0.0
