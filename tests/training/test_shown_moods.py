"""What is shown moves the mood: more, the more of it is shown, and arousal less where the picture moves."""

from dataclasses import replace

import numpy as np
import pytest

from generators.score.style import STYLES, Style
from training.painted import BRUSHES
from training.pictures import Picture
from training.shown_moods import HOMES, moods_by_folder, paint_places, with_shown
from training.vision_data import load_classes
from training.visual_moods import Look, mood_of

MOODS = moods_by_folder(load_classes())
STILL = mood_of(Look(0.6, 0.35, 0.0, 0.3, 0.3, 0.1, 0.1, 0.1))
MOVING = mood_of(Look(0.6, 0.35, 0.0, 0.3, 0.3, 0.1, 0.1, 0.1, motion=0.3, cuts_per_min=5.0))
BLANK = np.zeros((4, 4, 3), np.uint8)


def picture(shows: str | None, share: float = 1.0) -> Picture:
    return Picture(BLANK, shows, share)


def test_a_scorpion_is_tense_and_a_sunflower_pleasant_in_the_same_light() -> None:
    scorpion, sunflower = (with_shown(STILL, picture(name), MOODS) for name in ("scorpion", "sunflower"))
    assert scorpion.valence < STILL.valence < sunflower.valence
    assert scorpion.arousal > sunflower.arousal
    assert scorpion.major is not None
    assert sunflower.major is not None
    assert scorpion.major < sunflower.major
    assert scorpion.styles[Style.TENSION] > 2 * sunflower.styles[Style.TENSION]
    assert sunflower.styles[Style.FOLK] > 1.5 * scorpion.styles[Style.FOLK]


def test_the_less_is_shown_the_less_it_says() -> None:
    valences = [with_shown(STILL, picture("scorpion", share), MOODS).valence for share in (0.0, 0.3, 0.7, 1.0)]
    assert valences[0] == pytest.approx(STILL.valence)
    assert valences == sorted(valences, reverse=True)


@pytest.mark.parametrize("shows", [None, "a folder that the table does not know"])
def test_what_nobody_knows_leaves_the_mood_to_the_looks(shows: str | None) -> None:
    assert with_shown(STILL, picture(shows), MOODS) is STILL


def test_movement_decides_more_of_arousal_than_what_is_moved() -> None:
    still, moving = (with_shown(mood, picture("revolver"), MOODS) for mood in (STILL, MOVING))
    toward = [(a.arousal - b.arousal) / (0.76 - b.arousal) for a, b in ((still, STILL), (moving, MOVING))]
    assert toward[0] > 2 * toward[1] > 0
    assert moving.tempo_bpm == MOVING.tempo_bpm


def test_moods_stay_in_range_surer_than_before_and_all_styles_open() -> None:
    for name in MOODS:
        for looks in (STILL, replace(STILL, valence=1.0, arousal=0.0)):
            mood = with_shown(looks, picture(name), MOODS)
            assert 0.0 <= min(mood.valence, mood.arousal) <= max(mood.valence, mood.arousal) <= 1.0
            assert 0.0 < mood.valence_spread < looks.valence_spread
            assert set(mood.styles) == set(STYLES) == set(HOMES)
            assert min(mood.styles.values()) > 0
            assert sum(mood.styles.values()) == pytest.approx(1.0)


def test_every_folder_and_every_place_has_a_mood() -> None:
    assert {"Faces_easy", "Faces", "water_lilly", *BRUSHES} <= set(MOODS)


def test_painted_places_stand_whole_among_the_photographs() -> None:
    places = paint_places(seed=0)
    assert {p.shows for p in places} == set(BRUSHES)
    assert {p.share for p in places} == {1.0}
