import pytest

from generators.score.style import STYLES, Style
from training.arranger.bass_figures import BASSES, PLAIN_BASSES
from training.arranger.figures import FIGURES, PLAIN_FIGURES, Figures
from training.arranger.grooves import FILLS, KEYS, grooves
from training.arranger.pattern import Hit, by_notes, hits, pick, split_at
from training.arranger.rhythms import ENDS, OF_STYLE, SIX, THREE


def test_signs_start_dashes_hold_and_dots_are_silent() -> None:
    assert hits("x--.0-.X", 8) == (Hit(0, 3, "x"), Hit(4, 2, "0"), Hit(7, 1, "X"))


def test_a_pattern_is_cut_at_the_bar_line() -> None:
    assert hits("x---------------", 12) == (Hit(0, 12, "x"),)


def test_a_held_note_is_struck_again_where_the_chord_changes() -> None:
    assert split_at("x---------------", 16, 8) == (Hit(0, 8, "x"), Hit(8, 8, "x"))
    assert split_at("x-------x-------", 16, 8) == hits("x-------x-------", 16)


def test_picking_goes_from_sparse_to_busy_and_never_outside() -> None:
    assert [pick(("a", "b", "c"), level) for level in (0.0, 0.5, 0.99)] == ["a", "b", "c"]
    assert pick(("a", "b"), 0.9, 5.0) == "b"
    assert pick(("a", "b"), 0.1, -5.0) == "a"


def test_figures_are_ordered_by_the_notes_they_strike() -> None:
    assert by_notes(("x.x.", "0123", "x---")) == ("0123", "x---", "x.x.")


@pytest.mark.parametrize("bank", [*FIGURES.values(), *BASSES.values(), PLAIN_FIGURES, PLAIN_BASSES])
def test_every_figure_fills_its_bar(bank: Figures) -> None:
    assert all(len(text) == 16 or text == "w" for text in bank.four)
    assert all(len(text) == 12 or text == "w" for text in (*bank.three, *bank.six))
    assert all(set(text) <= set("0123456789xXu.-RrawK") for text in (*bank.four, *bank.three, *bank.six))


@pytest.mark.parametrize("style", STYLES)
def test_every_groove_and_fill_is_written_for_known_drums(style: Style) -> None:
    for steps, compound in ((16, False), (12, False), (12, True)):
        for groove in grooves(style, steps, compound):
            assert set(groove) <= set(KEYS)
            assert all(len(text) == steps and set(text) <= set("Xxog.") for text in groove.values())
    for fill in FILLS.get(style, ()):
        assert set(fill) <= set(KEYS)
        assert all(len(text) <= 8 for text in fill.values())


def test_grooves_get_busier() -> None:
    for style in STYLES:
        weight = {"X": 1.5, "x": 1.0, "o": 0.6, "g": 0.4, ".": 0.0}
        loudness = [sum(weight[sign] for text in g.values() for sign in text) for g in grooves(style, 16, False)]
        assert loudness == sorted(loudness)


def test_rhythms_fill_their_bars() -> None:
    for bank, steps in [*((b, 16) for b in OF_STYLE.values()), (THREE, 12), (SIX, 12)]:
        assert all(len(text) == steps and "x" in text for level in bank for text in level)
    assert all(len(text) == steps for steps, ends in ENDS.items() for text in ends)
