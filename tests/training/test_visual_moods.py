from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from generators.score.style import STYLES, Style
from training.pictures import draw_pictures
from training.visual_moods import Look, look_at, mood_of


def plain(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.tile(np.array([red, green, blue], np.uint8), (32, 32, 1))


MIDDLE = Look(0.5, 0.35, 0.0, 0.3, 0.3, 0.1, 0.1, 0.1)


def test_a_look_measures_what_its_names_say() -> None:
    black, white, red, blue, green = (
        look_at(plain(*c)) for c in ((0, 0, 0), (255, 255, 255), (220, 30, 30), (30, 30, 220), (30, 180, 40))
    )
    assert black.brightness == 0.0
    assert white.brightness == pytest.approx(1.0)
    assert black.saturation == white.saturation == 0.0
    assert red.warmth > 0.5 > -0.5 > blue.warmth
    assert green.green == 1.0
    assert blue.blue == 1.0
    assert black.night == 1.0
    assert white.night == 0.0
    assert red.colourfulness > white.colourfulness


def test_half_black_half_white_has_full_contrast() -> None:
    image = plain(0, 0, 0)
    image[:, 16:] = 255
    assert look_at(image).contrast == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["brightness", "saturation", "warmth"])
def test_valence_rises_with_brightness_saturation_and_warmth(name: str) -> None:
    moods = [mood_of(replace(MIDDLE, **{name: x})) for x in (0.1, 0.4, 0.8)]
    assert moods[0].valence < moods[1].valence < moods[2].valence


def test_arousal_rises_with_saturation_and_falls_with_brightness() -> None:
    pale, rich = (mood_of(replace(MIDDLE, saturation=s)) for s in (0.1, 0.7))
    dim, light = (mood_of(replace(MIDDLE, brightness=b)) for b in (0.3, 0.7))
    assert pale.arousal < rich.arousal
    assert light.arousal < dim.arousal


def test_motion_and_cuts_raise_arousal_and_tempo_more_than_any_colour() -> None:
    calm = mood_of(replace(MIDDLE, motion=0.05, cuts_per_min=1.0))
    wild = mood_of(replace(MIDDLE, motion=0.95, cuts_per_min=50.0))
    assert calm.tempo_bpm is not None
    assert wild.tempo_bpm is not None
    assert wild.arousal - calm.arousal > 0.4
    assert wild.tempo_bpm[0] > calm.tempo_bpm[1]
    assert calm.arousal_spread < mood_of(MIDDLE).arousal_spread


def test_a_still_asks_for_no_tempo() -> None:
    assert mood_of(MIDDLE).tempo_bpm is None


def best(look: Look) -> Style:
    styles = mood_of(look).styles
    return max(styles, key=lambda s: styles[s])


def test_typical_looks_lead_to_typical_styles() -> None:
    neon = replace(MIDDLE, brightness=0.15, saturation=0.7, glow=1.0, contrast=0.5)
    woods = replace(MIDDLE, green=0.9, brightness=0.45, contrast=0.2)
    gloom = replace(MIDDLE, brightness=0.08, saturation=0.05, glow=0.0, contrast=0.2)
    trailer = replace(MIDDLE, motion=1.0, cuts_per_min=60.0, contrast=0.8)
    assert [best(x) for x in (neon, woods, gloom, trailer)] == [
        Style.SYNTHWAVE,
        Style.FOLK,
        Style.TENSION,
        Style.EPIC,
    ]


def test_every_picture_has_a_mood_in_range_and_all_styles_open() -> None:
    for picture in (p.rgb for p in draw_pictures([], 40, seed=3)):
        mood = mood_of(look_at(picture))
        assert 0 <= mood.valence <= 1
        assert 0 <= mood.arousal <= 1
        assert set(mood.styles) == set(STYLES)
        assert min(mood.styles.values()) > 0
