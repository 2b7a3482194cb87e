import pytest

from generators.score.style import STYLES, Style
from training.scenes.family import load_families, parse_styles

FAMILIES = load_families()


def test_styles_are_read_as_weights() -> None:
    assert parse_styles("jazz 2, lofi 0.5") == {Style.JAZZ: 2.0, Style.LOFI: 0.5}
    assert parse_styles("") == {}


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="polka"):
        parse_styles("polka 1")


def test_family_names_are_unique_and_moods_in_range() -> None:
    assert len({f.name for f in FAMILIES}) == len(FAMILIES)
    for mood in [f.mood for f in FAMILIES] + [m for f in FAMILIES for _, m in f.lines]:
        assert 0 <= mood.valence <= 1
        assert 0 <= mood.arousal <= 1
        assert mood.styles


def test_a_line_with_its_own_mood_drops_the_bar_and_keeps_the_styles() -> None:
    funeral = next(f for f in FAMILIES if f.name == "funeral")
    moods = dict(funeral.lines)
    own = moods["He died before he could say he was sorry."]
    assert (own.valence, own.arousal) == (0.08, 0.22)
    assert own.styles == funeral.mood.styles
    assert not any("|" in text for f in FAMILIES for text, _ in f.lines)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_leads_some_family(style: Style) -> None:
    leads = {max(f.mood.styles, key=lambda s: f.mood.styles[s]) for f in FAMILIES if not f.held_out}
    assert style in leads


def test_the_families_cover_all_four_quarters_of_mood_in_training_and_in_testing() -> None:
    for held_out in (False, True):
        quarters = {(f.mood.valence > 0.5, f.mood.arousal > 0.5) for f in FAMILIES if f.held_out == held_out}
        assert len(quarters) == 4


def test_there_are_600_sentences_written_by_hand() -> None:
    assert sum(len(f.lines) for f in FAMILIES if not f.held_out) >= 600
