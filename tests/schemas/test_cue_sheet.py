"""A cue sheet survives JSON, and names what is wrong with it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.cue_sheet import CueCut, CueSection, CueSheet, CueTheme, CurvePoint

FULL = CueSheet(
    duration_s=30.0,
    tempo_bpm=92.0,
    tempo_exact=True,
    metre="3/4",
    key="Bb minor",
    style="cinematic",
    chords="A: Bbm Gb\nB: Ebm | F7 |",
    cuts=(CueCut(time_s=1.2, weight=0.5, source="cut"), CueCut(time_s=30.0)),
    sections=(
        CueSection(start_s=0, end_s=10, form="intro", theme=CueTheme(name="hero")),
        CueSection(start_s=10, end_s=30, label="the storm"),
    ),
    curves={"energy": (CurvePoint(time_s=0, value=0.2), CurvePoint(time_s=30, value=0.9))},
    loop=True,
)


def themed(name: str, **more: object) -> dict[str, object]:
    """A section with a theme."""
    return {"start_s": 0, "end_s": 9, "theme": {"name": name, **more}}


def test_a_cue_sheet_comes_back_from_json_as_it_was() -> None:
    assert CueSheet.model_validate_json(FULL.model_dump_json()) == FULL


@settings(max_examples=30)
@given(
    duration_s=st.floats(0.5, 1800),
    times=st.lists(st.floats(0, 1), max_size=8),
    tempo=st.none() | st.floats(40, 200),
)
def test_every_valid_sheet_makes_the_round_trip(duration_s: float, times: list[float], tempo: float | None) -> None:
    cuts = tuple(CueCut(time_s=t * duration_s) for t in times)
    sheet = CueSheet(duration_s=duration_s, cuts=cuts, tempo_bpm=tempo)
    assert CueSheet.model_validate_json(sheet.model_dump_json()) == sheet


def test_a_cut_beyond_the_end_is_named() -> None:
    with pytest.raises(ValidationError, match=r"cut at 12\.5 s lies beyond the end at 10 s"):
        CueSheet(duration_s=10, cuts=(CueCut(time_s=12.5),))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"duration_s": 0}, "greater than 0"),
        ({"duration_s": float("nan")}, "finite"),
        ({"duration_s": float("inf")}, "finite"),
        ({"colour": "red"}, "Extra inputs"),
        ({"key": "H minor"}, "pattern"),
        ({"tempo_bpm": 500}, "200"),
        ({"style": "polka"}, "ambient"),
        ({"curves": {"energy": []}}, "no points"),
        ({"curves": {"warmth": [{"time_s": 0, "value": 1}]}}, "energy"),
        ({"curves": {"energy": [{"time_s": 1, "value": 1}, {"time_s": 1, "value": 0}]}}, "does not come after"),
        ({"sections": [{"start_s": 4, "end_s": 2}]}, "ends at 2 s"),
        ({"sections": [{"start_s": 40, "end_s": 50}]}, "beyond the end"),
        ({"chords": ""}, "at least 1 character"),
        ({"sections": [themed("hero", form="augmented")]}, "'hero' is augmented at 0 s before any section states it"),
        ({"sections": [themed("hero", form="inverted")]}, "exact"),
        ({"sections": [themed("hero", semitones=2)]}, "is exact and yet moves"),
        ({"sections": [themed("hero", form="transposed")]}, "is transposed by nothing"),
        ({"sections": [themed("hero", form="transposed", semitones=2, degrees=1)]}, "give one of them"),
        ({"sections": [themed("hero", form="transposed", semitones=25)]}, "24"),
        ({"sections": [themed("")]}, "at least 1 character"),
        ({"sections": [{"start_s": 0, "end_s": 9}, {"start_s": 5, "end_s": 12}]}, "do not overlap"),
    ],
)
def test_a_wrong_sheet_says_what_is_wrong(change: dict[str, object], said: str) -> None:
    plain = json.loads(FULL.model_dump_json())
    with pytest.raises(ValidationError, match=said):
        CueSheet.model_validate(plain | change)


def test_a_theme_that_was_stated_may_return_in_any_form() -> None:
    first, then = themed("hero"), {**themed("hero", form="transposed", degrees=-3), "start_s": 9, "end_s": 18}
    last = {**themed("hero", form="augmented", semitones=5), "start_s": 18, "end_s": 30}

    sheet = CueSheet.model_validate({"duration_s": 30, "sections": [first, then, last]})

    assert [s.theme.form for s in sheet.sections if s.theme] == ["exact", "transposed", "augmented"]


def test_the_example_with_a_theme_is_a_cue_sheet() -> None:
    sheet = CueSheet.model_validate_json(Path("examples/leitmotif.cues.json").read_bytes())

    assert [s.theme.form for s in sheet.sections if s.theme] == ["exact", "transposed", "augmented"]
