"""Entries are read as they are written, and a fault is told by file, line and family with a way to mend it."""

from pathlib import Path

import pytest

from generators.score.style import Style
from training.scenes.entries import Entry, File, mood_of, pair, palettes, rows_of, styles_of
from training.scenes.faults import BadScene

ENTRY: Entry = {
    "mood": [0.8, 0.3],
    "tempo": [60, 90],
    "tension": 0.2,
    "density": 0.4,
    "brightness": 0.5,
    "major": 1,
    "styles": "jazz 2, lofi 0.5",
    "palette": "solo piano",
}


def file_with(body: str) -> File:
    """A file of one family at its third line."""
    return File("life.toml", f"# one family\n\n[sea]\n{body}\n")


def read(body: str) -> None:
    """Read the family as the bank does."""
    file = file_with(body)
    mood_of(file, "sea", file.tables()["sea"])


def test_everything_that_is_written_reaches_the_mood() -> None:
    mood = mood_of(File("life.toml", ""), "sea", ENTRY)
    assert (mood.valence, mood.arousal, mood.tempo_bpm) == (0.8, 0.3, (60.0, 90.0))
    assert (mood.tension, mood.density, mood.brightness, mood.major) == (0.2, 0.4, 0.5, 1.0)
    assert (mood.styles, mood.palette) == ({Style.JAZZ: 2.0, Style.LOFI: 0.5}, "solo piano")


def test_what_is_not_written_stays_free() -> None:
    mood = mood_of(File("life.toml", ""), "sea", {"mood": [0.8, 0.3], "styles": "jazz 2"})
    assert {mood.tension, mood.density, mood.brightness, mood.major, mood.tempo_bpm, mood.palette} == {None}


def test_a_tempo_from_end_to_end_is_no_wish() -> None:
    assert mood_of(File("life.toml", ""), "sea", {**ENTRY, "tempo": [40, 200]}).tempo_bpm is None


BASE = 'mood = [0.8, 0.3]\nstyles = "jazz 2"\n'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BASE + "tension = 1.4", "line 6, family sea: tension 1.4 is out of range; give one from 0 to 1"),
        (BASE + "density = -0.1", "line 6, family sea: density -0.1 is out of range"),
        (BASE + "brightness = nan", "line 6, family sea: brightness nan is out of range"),
        (BASE + 'major = "yes"', "line 6, family sea: major cannot be 'yes'; write major = 0.4"),
        (BASE + "major = true", "line 6, family sea: major True is not a number"),
        (BASE + "tempo = [60]", "line 6, family sea: a tempo is two numbers from 40 to 200, not [60]"),
        (BASE + "tempo = [90, 60]", "line 6, family sea: tempo 90 to 60 is empty; the first number is the slower one"),
        (BASE + "tempo = [20, 60]", "line 6, family sea: tempo 20 is out of range; give one from 40 to 200"),
        (BASE + "tempo = 60", "line 6, family sea: tempo cannot be 60; write tempo = [60, 90]"),
        (BASE + 'palette = "kazoo"', "line 6, family sea: unknown palette 'kazoo'; known are "),
        (BASE + "outdoors = 1", "line 6, family sea: outdoors cannot be 1; write outdoors = true"),
        (BASE + "lines = 3", 'line 6, family sea: lines cannot be 3; write lines = "..."'),
        (BASE + "tempi = [60, 90]", "line 6, family sea: unknown key 'tempi'; known are mood, tempo"),
        ("mood = [0.8, 0.3]", "line 3, family sea: 'styles' is missing; write styles = \"jazz 2, lofi 1\""),
        ('styles = "jazz 1"', "line 3, family sea: 'mood' is missing; write mood = [0.8, 0.3]"),
        ('mood = 0.8\nstyles = "jazz 1"', "line 4, family sea: mood cannot be 0.8; write mood = [0.8, 0.3]"),
        ('mood = [0.8]\nstyles = "jazz 1"', "line 4, family sea: valence and arousal are two numbers from 0 to 1"),
        ('mood = [0.8, 7]\nstyles = "jazz 1"', "line 4, family sea: arousal 7 is out of range; give one from 0 to 1"),
        ('mood = [0.8, 0.3]\nstyles = "polka 1"', "line 5, family sea: unknown style 'polka'; known are ambient"),
        ('mood = [0.8, 0.3]\nstyles = "jazz"', "line 5, family sea: the weight of jazz '' is not a number"),
        ('mood = [0.8, 0.3]\nstyles = "jazz 0"', "line 5, family sea: the weight of jazz 0 is out of range"),
        ('mood = [0.8, 0.3]\nstyles = "jazz 1, jazz 2"', "line 5, family sea: jazz comes twice; give it one weight"),
    ],
)
def test_a_bad_entry_is_told_with_its_place_and_how_to_mend_it(body: str, said: str) -> None:
    with pytest.raises(BadScene) as caught:
        read(body)
    assert str(caught.value).startswith(f"life.toml, {said}")


def test_what_is_no_toml_is_told_by_its_line() -> None:
    with pytest.raises(BadScene, match=r"life\.toml: .*at line 4, .*; mend the TOML there"):
        file_with("mood = oh").tables()


def test_a_key_before_any_family_is_told() -> None:
    with pytest.raises(BadScene, match=r"life\.toml, line 1, family tempo: 'tempo' stands outside any \[family\]"):
        File("life.toml", "tempo = [60, 90]\n").tables()


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "life.toml").write_bytes("[sea]\nlines = 'Señor'".encode("latin-1"))
    with pytest.raises(BadScene, match=r"life\.toml: byte 17 is not UTF-8; save the file in that encoding"):
        File.read(tmp_path / "life.toml")


def test_the_place_is_that_of_the_family_not_of_another_with_the_same_key() -> None:
    file = File("life.toml", "[a]\nmood = [0, 0]\n[b]\nmood = [0, 0]\n")
    assert str(file.where("b", "mood")) == "life.toml, line 4, family b"
    assert str(file.where("b")) == "life.toml, line 3, family b"


def test_pairs_are_numbers_or_texts_of_numbers() -> None:
    assert pair([0, 1], "x") == pair(["0", "1.0"], "x") == (0.0, 1.0)


def test_styles_are_read_as_weights() -> None:
    assert styles_of("jazz 2, lofi 0.5", "x") == {Style.JAZZ: 2.0, Style.LOFI: 0.5}
    with pytest.raises(BadScene, match="unknown style ''"):
        styles_of("", "x")


def test_rows_are_trimmed_and_never_empty() -> None:
    assert rows_of("\n  a b \n\n c\n") == ("a b", "c")


def test_palettes_are_those_of_the_renderer() -> None:
    assert palettes()["solo piano"] in set(Style)
