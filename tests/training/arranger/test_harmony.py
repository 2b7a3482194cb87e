from dataclasses import replace
from random import Random

import pytest

from generators.score.score import INTERVALS, Chord, Form, Key, Metre, Mode, Quality
from generators.score.style import STYLES, Style
from training.arranger.harmony import bars_of, chord_of, colour, dressed, final_bar, harmonise, home
from training.arranger.progressions import builds, closes, progressions, turns
from training.arranger.spec import draw_spec, lay_out


@pytest.mark.parametrize(
    ("numeral", "root", "quality"),
    [
        ("I", 2, Quality.MAJ),
        ("ii7", 4, Quality.MIN7),
        ("V7", 9, Quality.DOM7),
        ("bVImaj7", 10, Quality.MAJ7),
        ("iih", 4, Quality.HDIM7),
        ("Vsus4", 9, Quality.SUS4),
        ("io", 2, Quality.DIM),
        ("bII", 3, Quality.MAJ),
    ],
)
def test_a_numeral_is_read_in_its_key(numeral: str, root: int, quality: Quality) -> None:
    assert chord_of(numeral, 2) == Chord(root, quality)


def test_an_unreadable_numeral_is_named() -> None:
    with pytest.raises(ValueError, match="H7"):
        chord_of("H7", 0)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("style", STYLES)
def test_every_progression_can_be_read(style: Style, mode: Mode) -> None:
    texts = [*progressions(style, mode), *builds(mode), *turns(style, mode), *closes(style, mode)]
    assert all(bars_of(text, Key(7, mode)) for text in texts)
    assert len(progressions(style, mode)) >= 4


@pytest.mark.parametrize("style", STYLES)
def test_a_piece_ends_on_its_tonic(style: Style) -> None:
    rng = Random(2)
    for seed in range(6):
        spec = draw_spec(rng, style)
        chords = harmonise(spec, seed)
        assert len(chords) == 2 * spec.bars
        assert set(chords[2 * final_bar(spec) :]) == {home(spec)}


def test_sections_of_one_form_have_the_same_chords() -> None:
    form = lay_out([(Form.INTRO, 4), (Form.A, 8), (Form.B, 8), (Form.A, 8), (Form.B, 8), (Form.OUTRO, 4)])
    for seed, style in enumerate(STYLES):
        spec = replace(draw_spec(Random(seed), style), form=form)
        chords = harmonise(spec, seed)
        assert chords[8:24] == chords[40:56]
        assert chords[24:40] == chords[56:72]


def test_triple_metres_change_chords_at_bar_lines_only() -> None:
    for seed in range(8):
        spec = replace(draw_spec(Random(seed), Style.JAZZ), metre=Metre.THREE_FOUR)
        chords = harmonise(spec, seed)
        assert chords[::2] == chords[1::2]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_third_of_the_key_is_heard_more_than_its_rival(mode: Mode) -> None:
    own, rival = (4, 3) if mode is Mode.MAJOR else (3, 4)
    for style in STYLES:
        spec = replace(draw_spec(Random(1), style), key=Key(5, mode))
        classes = [
            (c.root + i - 5) % 12 for seed in range(8) for c in harmonise(spec, seed) for i in INTERVALS[c.quality]
        ]
        assert classes.count(own) > 2 * classes.count(rival)


def test_colour_keeps_the_root_and_the_third_of_the_tonic() -> None:
    key = Key(0, Mode.MAJOR)
    for seed in range(30):
        chord = colour(Chord(0, Quality.MAJ), key, 0.5, 1.0, Random(seed))
        assert {0, 4, 7} <= chord.pitch_classes


def test_given_chords_wear_the_sevenths_of_the_style() -> None:
    plain = Chord(0, Quality.MAJ), Chord(7, Quality.MAJ)
    jazz = replace(draw_spec(Random(1), Style.JAZZ), key=Key(0, Mode.MAJOR))
    assert dressed([plain, plain], jazz, 1) == [(Chord(0, Quality.MAJ7), Chord(7, Quality.DOM7))] * 2
    epic = replace(jazz, style=Style.EPIC)
    assert dressed([plain], epic, 1) == [plain]
