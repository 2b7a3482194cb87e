"""Charts: what is read, what is refused and why, and how they lie over the bars."""

from itertools import product

import pytest

from generators.errors import InvalidChart
from generators.score.chart import Chart, Symbol, read_chart, read_symbol, texts_of, with_basses
from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score, Section


def texts(chart: Chart) -> tuple[str, ...]:
    return texts_of([half for bar in chart.bars for half in bar])


@pytest.mark.parametrize(("root", "quality", "bass"), product(range(12), Quality, (None, 2, 7)))
def test_every_symbol_is_read_back_from_its_text(root: int, quality: Quality, bass: int | None) -> None:
    symbol = Symbol(Chord(root, quality), None if bass == root else bass)

    assert read_symbol(symbol.text) == symbol


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("C", Chord(0, Quality.MAJ)),
        ("Bb-", Chord(10, Quality.MIN)),
        ("F#min7", Chord(6, Quality.MIN7)),
        ("E♭M7", Chord(3, Quality.MAJ7)),
        ("Bø", Chord(11, Quality.HDIM7)),
        ("Gsus", Chord(7, Quality.SUS4)),
        ("Cb", Chord(11, Quality.MAJ)),
        ("Ab+", Chord(8, Quality.AUG)),
        ("Bdim", Chord(11, Quality.DIM)),
    ],
)
def test_usual_ways_to_write_a_chord_are_known(text: str, chord: Chord) -> None:
    assert read_symbol(text) == Symbol(chord)


def test_a_slash_names_the_bass_and_a_root_below_itself_is_none() -> None:
    assert read_symbol("G7/B") == Symbol(Chord(7, Quality.DOM7), 11)
    assert read_symbol("G7/G") == Symbol(Chord(7, Quality.DOM7))


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("Am F C G", ("Am", "F", "C", "G")),
        ("| Am | F G | C | G7/B |", ("Am", "F G", "C", "G7/B")),
        ("Am | F G", ("Am", "F G")),
        ("[| Am | % | F | % |]", ("Am", "Am", "F", "F")),
        ("| Am | F |\n| C | G |", ("Am", "F", "C", "G")),
        ("Am F\n\n  C G\n", ("Am", "F", "C", "G")),
    ],
)
def test_a_chart_is_read_bar_by_bar(text: str, bars: tuple[str, ...]) -> None:
    assert texts(read_chart(text)) == bars


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no chords"),
        (" ; \n", "no chords"),
        ("B:", "no chords"),
        ("Am H7 C", r"bar 2: 'H7' is no chord.*A to G.*m7b5"),
        ("| Am | C9 |", "bar 2: 'C9' is no chord"),
        ("am", "'am' is no chord"),
        ("C/", "'C/' is no chord"),
        ("C/Q", "'C/Q' is no chord"),
        ("| Am | F G C |", "bar 2: holds 3 chords"),
        ("| Am | | C |", "bar 2: holds 0 chords"),
        ("%", "'%' is no chord"),
        ("verse: Am F", "'verse' names no form; .*intro, a, b, bridge, build, outro"),
        ("A: Am\na: F", "'a' is there twice"),
        ("B: F Hm", "form 'b', bar 2: 'Hm'"),
        ("C " * 1001, "more than 1000 bars"),
    ],
)
def test_a_chart_that_cannot_be_read_says_why_and_how_to_mend_it(text: str, said: str) -> None:
    with pytest.raises(InvalidChart, match=said):
        read_chart(text)


def test_every_section_begins_the_progression_anew() -> None:
    sections = (Section(Form.A, 0, 3), Section(Form.B, 3, 5))

    laid = texts_of(read_chart("Am F C G").over(sections))

    assert laid == ("Am", "F", "C", "Am", "F", "C", "G", "Am")


def test_forms_play_their_own_line_and_others_the_first() -> None:
    sections = (Section(Form.INTRO, 0, 1), Section(Form.A, 1, 2), Section(Form.B, 3, 2))

    assert texts_of(read_chart("A: Am F; B: C").over(sections)) == ("Am", "Am", "F", "C", "C")
    assert texts_of(read_chart("Dm; b: C G").over(sections)) == ("Dm", "Dm", "Dm", "C", "G")


def test_a_slash_chord_turns_the_roots_of_the_bass_and_nothing_else() -> None:
    bass = (Note(0, 43, 4, 80), Note(4, 50, 4, 80), Note(8, 43, 8, 80))
    lead = (Note(0, 67, 16, 80),)
    score = Score(
        Metre.FOUR_FOUR,
        Key(0, Mode.MAJOR),
        120.0,
        1,
        {Role.BASS: bass, Role.LEAD: lead},
        (Chord(7, Quality.DOM7),) * 2,
        (Section(Form.A, 0, 1),),
    )

    turned = with_basses(score, (read_symbol("G7/B"), read_symbol("G7")))

    assert [n.pitch for n in turned.parts[Role.BASS]] == [47, 50, 43]
    assert turned.parts[Role.LEAD] == lead


def test_a_turned_bass_stays_on_the_keyboard() -> None:
    low = Score(
        Metre.FOUR_FOUR,
        Key(0, Mode.MAJOR),
        120.0,
        1,
        {Role.BASS: (Note(0, 21, 16, 80),)},
        (Chord(9, Quality.MIN),) * 2,
        (Section(Form.A, 0, 1),),
    )

    assert with_basses(low, (read_symbol("Am/G"),) * 2).validate().parts[Role.BASS][0].pitch == 31
