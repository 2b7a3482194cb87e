"""Cue sheets become briefs; keys keep their names."""

import pytest

from generators.errors import InvalidChart
from generators.score.score import Key, Metre, Mode
from generators.score.theme import ThemeCall, ThemeForm
from schemas.cue_sheet import CueCut, CueSection, CueSheet, CueTheme, CurvePoint
from service.brief import brief_of, key_of, name_of
from service.errors import BadInput


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("tonic", range(12))
def test_a_key_is_found_again_by_its_name(tonic: int, mode: Mode) -> None:
    assert key_of(name_of(Key(tonic, mode))) == Key(tonic, mode)


def test_flats_and_sharps_wrap_around() -> None:
    assert key_of("Cb major").tonic == 11
    assert key_of("B# minor").tonic == 0


def test_a_brief_holds_what_the_sheet_says() -> None:
    sheet = CueSheet(
        duration_s=12, tempo_bpm=90, key="D minor", style="folk", metre="3/4",
        cuts=(CueCut(time_s=3, weight=0.5),), curves={"energy": (CurvePoint(time_s=0, value=0.4),)},
    )  # fmt: skip
    brief = brief_of(sheet, seed=5)
    assert (brief.duration_s, brief.tempo_bpm, brief.metre, brief.seed) == (12, 90, Metre.THREE_FOUR, 5)
    assert brief.cuts[0].weight == 0.5
    assert brief.curves["energy"].values.tolist() == [0.4]


def test_an_incomplete_sheet_makes_no_brief() -> None:
    with pytest.raises(BadInput, match="tempo_bpm, key or style"):
        brief_of(CueSheet(duration_s=12), seed=0)


def test_chords_and_themes_reach_the_brief() -> None:
    theme = CueTheme(name="hero", form="transposed", degrees=2)
    sheet = CueSheet(
        duration_s=12, tempo_bpm=90, key="D minor", style="folk", chords="Dm | Gm A7",
        sections=(
            CueSection(start_s=0, end_s=6, theme=CueTheme(name="hero")),
            CueSection(start_s=6, end_s=12, theme=theme),
        ),
    )  # fmt: skip
    brief = brief_of(sheet, seed=5)
    assert brief.chart is not None
    assert [[half.text for half in bar] for bar in brief.chart.bars] == [["Dm", "Dm"], ["Gm", "A7"]]
    assert [s.theme for s in brief.spans] == [ThemeCall("hero"), ThemeCall("hero", ThemeForm.TRANSPOSED, 0, 2)]


def test_chords_that_cannot_be_read_make_no_brief() -> None:
    with pytest.raises(InvalidChart, match="H7"):
        brief_of(CueSheet(duration_s=12, tempo_bpm=90, key="D minor", style="folk", chords="Dm H7"), seed=0)
