"""Lead sheets from MusicXML."""

from fractions import Fraction

import pytest

from generators.score.score import Chord, Key, Metre, Mode, Note, Quality
from tests.training.corpus.tiny import harmony_xml, note_xml, sheet_text
from training.corpus.musicxml import read_measures, unfolded
from training.corpus.sheets import sheet_of

BAR = note_xml("C", 4) + note_xml("E", 2) + note_xml("G", 2)
REPEAT = {way: f'<barline><repeat direction="{way}"/></barline>' for way in ("forward", "backward")}


def test_melody_chords_metre_and_key_are_read() -> None:
    bars = [harmony_xml("C") + BAR, harmony_xml("G", "dominant") + BAR] * 4
    sheet = sheet_of(sheet_text(bars))

    assert sheet.title == "Tiny"
    assert sheet.key == Key(0, Mode.MAJOR)
    assert (sheet.metre, sheet.bars) == (Metre.FOUR_FOUR, 8)
    assert sheet.melody[:3] == (Note(0, 60, 8, 80), Note(8, 64, 4, 80), Note(12, 67, 4, 80))
    assert sheet.chords[:4] == (Chord(0, Quality.MAJ), None, Chord(7, Quality.DOM7), None)


def test_the_relative_minor_is_heard_from_its_chords() -> None:
    tune = note_xml("A", 4) + note_xml("C", 2, 5) + note_xml("E", 2, 5)
    bars = [harmony_xml("A", "minor") + tune, harmony_xml("E", "dominant") + tune] * 4
    sheet = sheet_of(sheet_text([*bars[:-1], harmony_xml("A", "minor") + tune]))

    assert sheet.key == Key(9, Mode.MINOR)


def test_tied_notes_are_one_note() -> None:
    tie = [note_xml("C", 8, extra='<tie type="start"/>'), note_xml("C", 8, extra='<tie type="stop"/>')]
    sheet = sheet_of(sheet_text([*tie, *[BAR] * 6]))

    assert sheet.melody[0] == Note(0, 60, 32, 80)


def test_a_pickup_lies_at_the_end_of_a_bar_of_its_own() -> None:
    sheet = sheet_of(sheet_text([note_xml("G", 2), *[BAR] * 8]))

    assert sheet.melody[:2] == (Note(12, 67, 4, 80), Note(16, 60, 8, 80))
    assert sheet.bars == 9


def test_bars_of_two_quarters_are_paired() -> None:
    sheet = sheet_of(sheet_text([note_xml("C", 2) + note_xml("D", 2)] * 16, time=(2, 4)))

    assert (sheet.metre, sheet.bars) == (Metre.FOUR_FOUR, 8)
    assert [n.onset for n in sheet.melody[:4]] == [0, 4, 8, 12]


def test_a_repeat_is_played_twice_with_its_second_ending() -> None:
    first = '<barline><ending number="1" type="start"/></barline>'
    close = '<barline><ending number="1" type="stop"/><repeat direction="backward"/></barline>'
    second = '<barline><ending number="2" type="start"/><ending number="2" type="stop"/></barline>'
    letters = "CDEF"
    marks = (REPEAT["forward"], "", first + close, second)
    _, written = read_measures(sheet_text([m + note_xml(s, 8) for m, s in zip(marks, letters, strict=True)]))

    order = [m.notes[0].pitch for m in unfolded(written)]

    assert order == [60, 62, 64, 60, 62, 65]


def test_grace_notes_and_second_voices_are_left_out() -> None:
    grace = "<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>"
    below = "<backup><duration>8</duration></backup>" + note_xml("E", 8, 3, "<voice>2</voice>")
    _, (measure,) = read_measures(sheet_text([grace + note_xml("C", 8) + below]))

    assert [n.pitch for n in measure.notes] == [60]
    assert measure.length == Fraction(4)


@pytest.mark.parametrize(
    ("kind", "quality"),
    [
        ("dominant-13th", Quality.DOM7),
        ("minor-ninth", Quality.MIN7),
        ("major-sixth", Quality.MAJ),
        ("diminished-seventh", Quality.DIM),
        ("half-diminished", Quality.HDIM7),
        ("suspended-fourth", Quality.SUS4),
    ],
)
def test_every_kind_is_read_as_the_nearest_quality(kind: str, quality: Quality) -> None:
    _, (measure,) = read_measures(sheet_text([harmony_xml("B", kind, -1) + note_xml("C", 8)]))

    assert measure.chords == ((Fraction(0), Chord(10, quality)),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"<score", "not MusicXML"),
        (b"<score-timewise/>", "no part"),
        (sheet_text([BAR] * 3), "too few"),
        (sheet_text([BAR] * 9, time=(5, 4)), "no measure has a metre"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sheet_of(text)
