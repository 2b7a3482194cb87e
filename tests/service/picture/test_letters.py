"""Titles in scripts that the library's own font lacks are drawn where the machine has a font for them."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.font_manager import fontManager

from service.picture import letters
from service.picture.picture import draw
from tests.service.picture.test_picture import scene

EVERY_LETTER = "Last Resort High-Efficiency"  # comes with the drawing library: a box with a mark for each script


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """What is there is looked for again."""
    letters.families.cache_clear()
    yield
    letters.families.cache_clear()


def test_only_fonts_that_are_there_are_named_and_the_own_one_first() -> None:
    assert letters.families()[0] == letters.OWN
    assert set(letters.families()) <= set(fontManager.get_font_names())


def test_a_letter_that_the_own_font_lacks_comes_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "OTHERS", ("No Such Font", EVERY_LETTER))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(replace(scene(with_video=False), title="海と夜"), tmp_path / "a.png")

    assert letters.families() == (letters.OWN, EVERY_LETTER)
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_latin_titles_do_not_change_with_the_fonts_of_a_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, others in (("few", ()), ("many", (EVERY_LETTER,))):
        monkeypatch.setattr(letters, "OTHERS", others)
        letters.families.cache_clear()
        draw(scene(with_video=False), tmp_path / f"{name}.png")

    assert (tmp_path / "few.png").read_bytes() == (tmp_path / "many.png").read_bytes()
