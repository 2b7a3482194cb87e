"""Moods lean readings by laws: valence towards major and light, arousal towards pace and energy."""

from dataclasses import replace

import numpy as np
import pytest

from encoders.clap import Attributes
from service.leaning import leaned, quickened, spread
from service.sight import Mood

READ = Attributes(90.0, 0.5, 0.5, 0.5, 0.5, 0.5, {"folk": 1.0})
LEVELS = np.linspace(0.0, 1.0, 11)


def test_without_a_mood_a_reading_stays_as_it_is() -> None:
    assert leaned(READ, None) == READ


def test_happier_texts_are_surer_of_major_and_lie_higher() -> None:
    found = [leaned(READ, Mood(v, 0.5)) for v in LEVELS]

    assert (np.diff([f.major_probability for f in found]) > 0).all()
    assert (np.diff([f.brightness for f in found]) > 0).all()
    assert found[0].major_probability < 0.1
    assert found[-1].major_probability > 0.9
    assert {f.tempo_bpm for f in found} == {READ.tempo_bpm}


def test_more_aroused_texts_are_faster_and_stronger() -> None:
    found = [leaned(READ, Mood(0.5, a)) for a in LEVELS]

    assert (np.diff([f.tempo_bpm for f in found]) > 0).all()
    assert (np.diff([f.energy for f in found]) > 0).all()
    assert len({f.major_probability for f in found}) == 1


def test_a_mood_that_the_point_has_already_changes_neither_pace_nor_energy() -> None:
    same = leaned(READ, Mood(0.9, READ.arousal))

    assert (same.tempo_bpm, same.energy) == (READ.tempo_bpm, READ.energy)


@pytest.mark.parametrize("name", ["tempo_bpm", "energy", "brightness", "valence", "arousal", "major_probability"])
def test_a_smaller_share_leans_less(name: str) -> None:
    shares = [abs(getattr(leaned(READ, Mood(0.9, 0.8, share)), name) - getattr(READ, name)) for share in LEVELS]

    assert shares[0] == pytest.approx(0.0)
    assert (np.diff(shares) > 0).all()


def test_everything_stays_in_range_and_the_style_stays_the_points() -> None:
    loud = replace(READ, energy=0.98, brightness=0.95, arousal=0.1)

    found = leaned(loud, Mood(1.0, 1.0))

    assert (found.energy, found.brightness) == (1.0, 1.0)
    assert found.style_probabilities == READ.style_probabilities


def test_captions_are_spread_away_from_the_middle_in_the_order_they_were() -> None:
    rows = [spread(replace(READ, energy=e, brightness=e), 1.0) for e in LEVELS]

    assert (np.diff([r.energy for r in rows[2:9]]) > np.diff(LEVELS[2:9])).all()
    assert (np.diff([r.brightness for r in rows]) >= 0).all()
    assert spread(READ, 0.0) == READ


def test_quickening_is_undone_by_slowing() -> None:
    back = quickened(quickened(READ, 0.2), -0.2)

    assert (back.tempo_bpm, back.energy, back.arousal) == pytest.approx((READ.tempo_bpm, READ.energy, READ.arousal))
