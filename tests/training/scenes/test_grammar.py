from pathlib import Path
from random import Random

import pytest

from generators.score.style import Style
from training.moods import Mood
from training.scenes.family import FOLDER, Family, load_families
from training.scenes.faults import BadScene
from training.scenes.grammar import expand, load_modifiers, pulled, shifted, typed

FAMILIES = load_families()
MODIFIERS = load_modifiers()
BASE = Mood(0.2, 0.3, styles={Style.JAZZ: 4.0}, brightness=0.4, tempo_bpm=(60, 80), major=0.2)
JOY = Mood(0.9, 0.7, styles={Style.FOLK: 1.0})


def test_a_pull_of_zero_keeps_and_of_one_replaces_the_mood() -> None:
    kept, replaced = pulled(BASE, JOY, 0.0), pulled(BASE, JOY, 1.0)
    assert (kept.valence, kept.arousal) == (BASE.valence, BASE.arousal)
    assert (replaced.valence, replaced.arousal) == pytest.approx((JOY.valence, JOY.arousal))
    assert kept.styles[Style.JAZZ] == replaced.styles[Style.FOLK] == 1.0


def test_styles_blend_by_share_whatever_their_sums() -> None:
    styles = pulled(BASE, JOY, 0.25).styles
    assert styles == {Style.JAZZ: 0.75, Style.FOLK: 0.25}


def test_a_pulled_mood_no_longer_holds_the_tempo_and_key_of_the_old_one() -> None:
    mood = pulled(BASE, JOY, 0.5)
    assert (mood.tempo_bpm, mood.major, mood.brightness) == (None, None, None)


def test_shifts_stay_in_range_and_small_ones_keep_the_tempo() -> None:
    far = shifted(BASE, (-5.0, 5.0, 5.0))
    assert (far.valence, far.arousal, far.brightness) == (0.0, 1.0, 1.0)
    assert far.tempo_bpm is None
    assert shifted(BASE, (0.0, 0.05, 0.0)).tempo_bpm == BASE.tempo_bpm


def test_typing_changes_only_case_and_the_full_stop() -> None:
    for i in range(20):
        assert typed("A dog barks.", Random(i)).lower().rstrip(".") == "a dog barks"


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.topics or f.feelings], ids=lambda f: f.name)
def test_every_family_expands_to_finished_sentences(family: Family) -> None:
    for i in range(60):
        text, mood = expand(family, MODIFIERS, Random(i))
        assert text.strip() == text
        assert text
        assert not set("{}|;=") & set(text)
        assert 0 <= mood.valence <= 1
        assert 0 <= mood.arousal <= 1


def test_weather_is_for_the_outdoors() -> None:
    indoors = next(f for f in FAMILIES if f.name == "cafe")
    weather = [phrase for phrase, _ in MODIFIERS.outdoors]
    texts = [expand(indoors, MODIFIERS, Random(i))[0].lower() for i in range(300)]
    assert not any(phrase in text for text in texts for phrase in weather)


def test_named_feelings_move_a_scene_towards_them() -> None:
    funeral = next(f for f in FAMILIES if f.name == "funeral")
    drawn = [expand(funeral, MODIFIERS, Random(i)) for i in range(600)]
    joyful = [m.valence for t, m in drawn if "joyful" in t.lower() and "almost" not in t and " and " not in t]
    plain = [m.valence for t, m in drawn if t in funeral.acts]
    assert min(joyful) > max(plain) + 0.2


def test_what_a_mood_says_of_tension_and_density_moves_with_a_shift_and_ends_with_a_pull() -> None:
    mood = Mood(0.5, 0.5, tension=0.5, density=0.5, palette="solo piano")
    up = shifted(mood, (-0.2, 0.2, 0.0))
    assert up.tension == pytest.approx(0.7)
    assert up.density == pytest.approx(0.6)
    assert up.palette == "solo piano"
    drawn = pulled(mood, JOY, 0.5)
    assert (drawn.tension, drawn.density, drawn.palette) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.92 0.7; corporate", "0.92 7; corporate", r"modifiers\.toml, feelings, 'joyful': arousal 7 is out of range"),
        ("folk 1", "polka 1", r"modifiers\.toml, feelings, 'joyful': unknown style 'polka'"),
        (
            "-0.15 0.02 -0.1",
            "-0.15 0.02",
            r"modifiers\.toml, outdoors, 'in the pouring rain': a shift is three numbers",
        ),
        ("-0.15 0.02 -0.1", "-1.5 0.02 -0.1", r"'in the pouring rain': the shift of valence -1\.5 is out of range"),
        ("[tails]", "[tales]", r"modifiers\.toml: the table \[tails\] is missing"),
        ("[tails]", "[tails", r"modifiers\.toml: .*mend the TOML there"),
    ],
)
def test_a_bad_modifier_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (FOLDER / "modifiers.toml").read_text()
    (tmp_path / "modifiers.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(BadScene, match=said):
        load_modifiers(tmp_path)
