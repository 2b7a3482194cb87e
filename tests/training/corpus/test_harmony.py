"""Statistics of harmony."""

from pathlib import Path

import pytest

from generators.score.score import Chord, Mode, Quality
from tests.training.corpus.tiny import write_archive
from training.corpus.harmony import (
    Transitions,
    billboard_song,
    numeral,
    parse_numeral,
    parse_symbol,
    read_billboard,
    read_progressions,
)

SONG = (
    "# title: x\n# metre: 4/4\n# tonic: G\n\n0.0\tsilence\n1.0\tA, verse, | G:maj | C:maj D:7 | N | G:maj |, (voice)\n"
)


@pytest.mark.parametrize(
    ("chord", "name"),
    [
        (Chord(0, Quality.MAJ), "I"),
        (Chord(10, Quality.MAJ), "bVII"),
        (Chord(9, Quality.MIN), "vi"),
        (Chord(3, Quality.MIN), "biii"),
        (Chord(2, Quality.MIN7), "ii7"),
        (Chord(7, Quality.DOM7), "V7"),
        (Chord(11, Quality.HDIM7), "viih"),
        (Chord(7, Quality.SUS4), "Vsus4"),
    ],
)
def test_chords_have_their_roman_names(chord: Chord, name: str) -> None:
    assert numeral(chord) == name


@pytest.mark.parametrize(
    ("symbol", "chord"),
    [
        ("Ab:min7/5", Chord(8, Quality.MIN7)),
        ("F#:maj", Chord(6, Quality.MAJ)),
        ("C:9", Chord(0, Quality.DOM7)),
        ("Bb:maj7", Chord(10, Quality.MAJ7)),
        ("E:sus4(b7)", Chord(4, Quality.SUS4)),
        ("D:hdim7", Chord(2, Quality.HDIM7)),
        ("N", None),
        ("|", None),
    ],
)
def test_chord_symbols_are_read(symbol: str, chord: Chord | None) -> None:
    assert parse_symbol(symbol) == chord


def test_a_song_is_read_above_its_tonic() -> None:
    mode, chords = billboard_song(SONG)

    assert mode is Mode.MAJOR
    assert [numeral(c) for c in chords] == ["I", "IV", "V7", "I"]


def test_a_song_on_minor_tonic_chords_is_minor() -> None:
    assert billboard_song(SONG.replace("G:maj", "G:min"))[0] is Mode.MINOR


def test_probabilities_of_each_row_sum_to_one() -> None:
    table = Transitions.of([billboard_song(SONG)]).probabilities(Mode.MAJOR)

    assert table == {"I": {"IV": 1.0}, "IV": {"V7": 1.0}, "V7": {"I": 1.0}}


def test_repeated_chords_are_no_transition() -> None:
    song = (Mode.MINOR, [Chord(0, Quality.MIN)] * 5)

    assert Transitions.of([song]).probabilities(Mode.MINOR) == {}


@pytest.mark.parametrize(
    ("token", "mode", "name"),
    [
        ("I", Mode.MAJOR, "I"),
        ("vi", Mode.MAJOR, "vi"),
        ("bVIIM", Mode.MAJOR, "bVII"),
        ("ivm7", Mode.MAJOR, "iv7"),
        ("VI", Mode.MINOR, "bVI"),
        ("ii", Mode.MINOR, "iio"),
        ("V7", Mode.MAJOR, "V7"),
        ("I7", Mode.MAJOR, "Imaj7"),
        ("Isus4", Mode.MAJOR, "Isus4"),
    ],
)
def test_tokens_of_the_progression_table_are_read(token: str, mode: Mode, name: str) -> None:
    chord = parse_numeral(token, mode)

    assert chord is not None
    assert numeral(chord) == name


def test_what_is_no_numeral_is_none() -> None:
    assert parse_numeral("x", Mode.MAJOR) is None


def test_both_sources_are_read_from_the_data_folder(tmp_path: Path) -> None:
    name = "billboard/billboard-2.0-salami_chords/0001/salami_chords.txt"
    write_archive(tmp_path / "billboard-chords.tar.xz", {name: SONG.encode()})
    (tmp_path / "progressions.csv").write_text("scale,chords,moods\nmin,i VI VII,Sad\n", "utf-8")

    assert len(list(read_billboard(tmp_path))) == 1
    ((mode, chords),) = read_progressions(tmp_path)
    assert mode is Mode.MINOR
    assert [numeral(c) for c in chords] == ["i", "bVI", "bVII", "i"]
