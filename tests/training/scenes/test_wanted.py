"""What a mood leaves open follows from the rest of it, and what it says is kept."""

from dataclasses import replace

import pytest

from generators.score.style import STYLES, Style
from training.moods import Mood
from training.scenes.entries import FASTEST_BPM, SLOWEST_BPM, palettes
from training.scenes.family import Scene
from training.scenes.wanted import wanted

LEVELS = tuple(i / 4 for i in range(5))
CALM, WILD = Mood(0.8, 0.1), Mood(0.2, 0.9)


def test_what_a_mood_says_is_wanted_as_it_is() -> None:
    said = Mood(
        0.1, 0.9, styles={Style.JAZZ: 3.0, Style.LOFI: 1.0}, tempo_bpm=(60, 70), major=0.9, tension=0.05, density=0.1,
        palette="solo piano",
    )  # fmt: skip
    found = wanted(said)
    assert (found.tempo_bpm, found.mode, found.tension, found.density) == ((60, 70), "major", 0.05, 0.1)
    assert (found.palette, found.styles) == ("solo piano", {Style.JAZZ: 0.75, Style.LOFI: 0.25})


@pytest.mark.parametrize("other", LEVELS)
def test_more_arousal_wants_faster_denser_and_tenser_music(other: float) -> None:
    found = [wanted(Mood(other, level)) for level in LEVELS]
    for name in ("tension", "density", "tempo_bpm"):
        values = [getattr(w, name) for w in found]
        assert values == sorted(values)
        assert values[0] < values[-1]


@pytest.mark.parametrize("other", LEVELS)
def test_more_valence_wants_less_tension_and_a_major_key(other: float) -> None:
    found = [wanted(Mood(level, other)) for level in LEVELS]
    assert [w.tension for w in found] == sorted((w.tension for w in found), reverse=True)
    assert (found[0].mode, found[-1].mode) == ("minor", "major")


def test_the_style_of_tension_adds_tension() -> None:
    assert wanted(replace(CALM, styles={Style.TENSION: 1.0})).tension > wanted(CALM).tension


@pytest.mark.parametrize("style", STYLES)
def test_the_palette_is_one_of_the_leading_style(style: Style) -> None:
    found = wanted(replace(WILD, styles={style: 2.0, STYLES[0]: 1.0}))
    assert palettes()[found.palette] == style


def test_every_entry_of_the_bank_wants_something_whole_and_in_range(bank: tuple[Scene, ...]) -> None:
    for scene in bank:
        found = wanted(scene.mood)
        assert all(0 <= x <= 1 for x in (found.valence, found.arousal, found.tension, found.density)), scene
        assert SLOWEST_BPM <= found.tempo_bpm[0] < found.tempo_bpm[1] <= FASTEST_BPM, scene
        assert sum(found.styles.values()) == pytest.approx(1.0), scene
        assert found.mode in {"major", "minor"}
        assert found.palette in palettes(), scene
