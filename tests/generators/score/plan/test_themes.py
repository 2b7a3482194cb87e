"""Where themes lie, in bars."""

import pytest

from generators.score.plan.brief import Brief, Span
from generators.score.plan.plan import plan
from generators.score.score import Key, Mode
from generators.score.style import Style
from generators.score.theme import ThemeCall

HERO = ThemeCall("hero")


def placed(*spans: Span, duration_s: float = 32.0) -> list[tuple[int, int]]:
    """Start and number of bars of every theme, in bars of two seconds."""
    brief = Brief(duration_s, Style.FOLK, 120.0, Key(0, Mode.MAJOR), tempo_exact=True, spans=spans)
    return [(p.start_bar, p.bars) for p in plan(brief).themes]


def test_spans_become_the_bars_that_they_cover() -> None:
    spans = (Span(0.0, 8.0, theme=HERO), Span(8.0, 16.0), Span(16.0, 32.0, theme=HERO))

    assert placed(*spans) == [(0, 4), (8, 8)]


def test_a_span_of_less_than_a_bar_gets_one() -> None:
    assert placed(Span(8.0, 8.7, theme=HERO)) == [(4, 1)]


@pytest.mark.parametrize("second_s", [6.4, 7.0, 8.0])
def test_two_themes_never_share_a_bar(second_s: float) -> None:
    first, second = placed(Span(0.0, second_s, theme=HERO), Span(second_s, 20.0, theme=ThemeCall("villain")))

    assert first[0] + first[1] <= second[0]


def test_a_span_behind_the_last_bar_places_nothing() -> None:
    assert placed(Span(0.0, 31.9, theme=HERO), Span(31.9, 32.0, theme=HERO)) == [(0, 16)]


def test_no_span_no_theme() -> None:
    assert placed() == []
