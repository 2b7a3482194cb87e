from dataclasses import replace
from random import Random

import pytest

from generators.score.score import Key, Metre, Mode
from generators.score.style import STYLES, Style
from training import caption_patterns, caption_styles, caption_uses
from training.arranger.spec import PieceSpec, draw_spec
from training.captions import captions, vocabulary


def said_of(spec: PieceSpec, n: int = 150) -> str:
    return " | ".join(captions(spec, Random(7), n)).lower()


def test_captions_come_in_the_asked_number_and_repeat_with_the_seed() -> None:
    spec = draw_spec(Random(1))
    assert len(captions(spec, Random(2), 25)) == 25
    assert captions(spec, Random(2), 25) == captions(spec, Random(2), 25)


def test_captions_vary_in_wording_and_length() -> None:
    found = captions(draw_spec(Random(1)), Random(2), 300)
    assert len(set(found)) > 200
    assert min(len(c.split()) for c in found) <= 2
    assert max(len(c.split()) for c in found) >= 20


def test_there_are_more_than_two_hundred_words_and_patterns() -> None:
    patterns = caption_patterns.SHORT + caption_patterns.SENTENCES + caption_patterns.PARAGRAPHS
    words = [
        w for table in (caption_styles.STYLES, caption_styles.INSTRUMENTS) for group in table.values() for w in group
    ]
    assert len(patterns) + len(words) + len([w for use in caption_uses.USES for w in use.words]) > 200


@pytest.mark.parametrize("style", STYLES)
def test_no_slot_stays_open_and_nothing_is_empty(style: Style) -> None:
    rng = Random(3)
    for _ in range(10):
        for caption in captions(draw_spec(rng, style), rng, 10):
            assert caption.strip()
            assert not set("{}") & set(caption)
            assert "  " not in caption


@pytest.mark.parametrize("mode", list(Mode))
def test_a_caption_never_names_the_other_mode(mode: Mode) -> None:
    other = "minor" if mode is Mode.MAJOR else "major"
    for style in STYLES:
        text = said_of(replace(draw_spec(Random(1), style), key=Key(0, mode)))
        assert other not in text
        assert mode.value in text


def test_slow_calm_sad_music_is_never_called_the_opposite() -> None:
    spec = replace(
        draw_spec(Random(1), Style.CINEMATIC), tempo_bpm=56.0, energy=0.1, arousal=0.1, valence=0.1, brightness=0.1,
        key=Key(0, Mode.MINOR), metre=Metre.FOUR_FOUR,
    )  # fmt: skip
    text = said_of(spec, 400)
    for wrong in (
        "fast",
        "intense",
        "energetic",
        "happy",
        "joyful",
        "bright",
        "airy",
        "wedding",
        "chase",
        "triumphant",
    ):
        assert wrong not in text
    for right in ("slow", "calm", "sad", "deep"):
        assert right in text


def test_fast_loud_happy_music_is_never_called_the_opposite() -> None:
    spec = replace(
        draw_spec(Random(1), Style.EPIC), tempo_bpm=160.0, energy=0.95, arousal=0.95, valence=0.95, brightness=0.9,
        key=Key(0, Mode.MAJOR), metre=Metre.FOUR_FOUR,
    )  # fmt: skip
    text = said_of(spec, 400)
    for wrong in ("slow", "calm", "sad", "dark", "low register", "funeral", "gentle", "quiet", "mournful"):
        assert wrong not in text
    for right in ("fast", "intense", "bright", "triumphant"):
        assert right in text


def test_the_named_tempo_is_the_true_one() -> None:
    spec = replace(draw_spec(Random(4)), tempo_bpm=97.0)
    for seed in range(40):
        assert abs(int(vocabulary(spec, Random(seed))["bpm"]) - 97) <= 2


def test_only_styles_without_drums_say_so() -> None:
    for style in STYLES:
        said = vocabulary(draw_spec(Random(2), style), Random(1))
        assert ("nodrums" in said) == (style in caption_styles.DRUMLESS)
