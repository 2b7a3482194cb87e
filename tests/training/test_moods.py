from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.style import STYLES, Style
from tests.training.adapter_world import random_labels
from training.moods import Library, Mood, draw_pieces, match
from training.pieces import Labels

LABELS = random_labels(600, seed=0)
LIBRARY = Library.of(LABELS)
level = st.floats(0.05, 0.95)


@settings(max_examples=30)
@given(valence=level, arousal=level)
def test_every_row_is_a_distribution_over_all_pieces(valence: float, arousal: float) -> None:
    rows = match([Mood(valence, arousal), Mood(arousal, valence, styles={Style.JAZZ: 1.0})], LIBRARY)
    assert rows.shape == (2, len(LIBRARY))
    assert (rows > 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)


@settings(max_examples=30)
@given(valence=level, arousal=level, a=level, b=level)
def test_of_two_pieces_alike_but_for_valence_the_nearer_one_is_likelier(
    valence: float, arousal: float, a: float, b: float
) -> None:
    piece = Labels(Style.FOLK, 100.0, 0.5, 0.5, a, 0.5, True)
    first, second = match([Mood(valence, arousal)], Library.of([piece, replace(piece, valence=b)]))[0]
    assert (abs(a - valence) < abs(b - valence)) == (first > second) or abs(first - second) < 1e-9


@pytest.mark.parametrize("name", ["valence", "arousal", "brightness"])
def test_the_expected_label_rises_with_the_asked_one(name: str) -> None:
    asked = [Mood(0.5, 0.5, brightness=0.5)] * 5
    moods = [replace(m, **{name: x}) for m, x in zip(asked, np.linspace(0.1, 0.9, 5), strict=True)]
    means = match(moods, LIBRARY) @ getattr(LIBRARY, name)
    assert (np.diff(means) > 0).all()


def test_tempo_and_mode_are_followed() -> None:
    slow, fast = match([Mood(0.5, 0.5, tempo_bpm=(50, 70)), Mood(0.5, 0.5, tempo_bpm=(140, 170))], LIBRARY)
    assert slow @ LIBRARY.tempo_bpm < 80
    assert fast @ LIBRARY.tempo_bpm > 130
    minor, major = match([Mood(0.5, 0.5, major=0.1), Mood(0.5, 0.5, major=0.9)], LIBRARY) @ LIBRARY.major
    assert minor < 0.3
    assert major > 0.7


def test_a_smaller_spread_asks_more_strictly() -> None:
    wide, narrow = match([Mood(0.2, 0.5, valence_spread=0.4), Mood(0.2, 0.5, valence_spread=0.08)], LIBRARY)
    errors = (LIBRARY.valence - 0.2) ** 2
    assert narrow @ errors < wide @ errors


@pytest.mark.parametrize("style", STYLES)
def test_every_style_can_be_reached(style: Style) -> None:
    weights = match([Mood(0.5, 0.5, styles={style: 1.0})], LIBRARY)[0]
    assert weights[LIBRARY.style == STYLES.index(style)].sum() > 0.7


def test_a_corpus_full_of_one_style_does_not_decide_the_style() -> None:
    piece = Labels(Style.ROMANTIC, 100.0, 0.5, 0.5, 0.5, 0.5, True)
    library = Library.of([piece] * 500 + [replace(piece, style=Style.JAZZ)] * 5)
    weights = match([Mood(0.5, 0.5, styles={Style.ROMANTIC: 1.0, Style.JAZZ: 1.0})], library)[0]
    assert weights[-5:].sum() == pytest.approx(0.5, abs=0.01)


def test_drawn_pieces_follow_the_distribution_and_the_seed() -> None:
    mood = Mood(0.8, 0.3, styles={Style.FOLK: 1.0})
    drawn = draw_pieces([mood] * 3, LIBRARY, 4000, seed=1, rows=2)
    expected = match([mood], LIBRARY)[0] @ LIBRARY.valence
    np.testing.assert_allclose(LIBRARY.valence[drawn].mean(axis=1), expected, atol=0.02)
    np.testing.assert_array_equal(drawn, draw_pieces([mood] * 3, LIBRARY, 4000, seed=1, rows=2))
    assert (drawn != draw_pieces([mood] * 3, LIBRARY, 4000, seed=2, rows=2)).any()
