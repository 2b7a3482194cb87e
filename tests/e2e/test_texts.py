"""Texts as people paste them, from the command line through the shipped bundle to a cue sheet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.cue_sheet import CueSheet
from service.cli import cli
from service.composition import parts_from
from service.parts import Parts

Cues = Callable[[str], CueSheet]


@pytest.fixture(scope="module")
def parts() -> Parts:
    """The shipped bundle, loaded once."""
    return parts_from({})


@pytest.fixture
def cues(monkeypatch: pytest.MonkeyPatch, parts: Parts, tmp_path: Path) -> Cues:
    """The cue sheet that the command line draws up for a story."""
    monkeypatch.setattr("service.composition.parts_from", lambda environment: parts)

    def draw(story: str) -> CueSheet:
        done = CliRunner().invoke(cli, ["cues", "--story", story, "-o", str(tmp_path / "c.json")])
        assert done.exit_code == 0, done.output
        return CueSheet.model_validate_json((tmp_path / "c.json").read_bytes())

    return draw


def test_emoji_are_read_as_what_they_show(cues: Cues) -> None:
    assert cues("🎉🎉😂") == cues("party popper, face with tears of joy")
    assert cues("🎉🎉😂").style != cues("💔😭🌧️").style


def test_a_story_in_letters_that_are_not_known_is_neutral_whatever_it_says(cues: Cues) -> None:
    japanese, arabic = cues("夜が来た。"), cues("مرحبا بالعالم")
    assert japanese == arabic == cues("An ordinary scene.")


def test_a_long_story_has_a_course_and_sections(cues: Cues) -> None:
    calm, wild = (
        "The lake lies still and she sleeps.\n\n",
        "The bridge explodes and everybody runs for their lives!\n\n",
    )
    sheet = cues(calm * 6 + wild * 6)
    assert len(sheet.sections) > 1
    energy = [point.value for point in sheet.curves["energy"]]
    half = len(energy) // 2
    assert sum(energy[:half]) / half < sum(energy[half:]) / (len(energy) - half) - 0.1
