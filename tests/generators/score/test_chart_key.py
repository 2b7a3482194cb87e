"""The key of a chart."""

import pytest

from generators.score.chart import Chart, Symbol, read_chart
from generators.score.chart_key import key_of_chart
from generators.score.score import Key, Mode

MAJOR = ["C G Am F", "Dm7 G7 Cmaj7", "C F G", "F G C", "| C | Am F | Dm | G7 |", "C", "Csus4 C G F"]
MINOR = ["Am F C G", "Am Dm E7 Am", "Am G F G", "F G Am", "Bm7b5 E7 Am", "Am7 D7 Gmaj7 Cmaj7 F#m7b5 B7 Em; b: Em", "Am"]


def moved(chart: Chart, semitones: int) -> Chart:
    def bars(of: tuple[tuple[Symbol, Symbol], ...]) -> tuple[tuple[Symbol, Symbol], ...]:
        return tuple((Symbol(a.chord.transposed(semitones)), Symbol(b.chord.transposed(semitones))) for a, b in of)

    return Chart(bars(chart.bars), tuple((form, bars(own)) for form, own in chart.forms))


@pytest.mark.parametrize("text", MAJOR)
def test_progressions_in_c_major_are_known(text: str) -> None:
    assert key_of_chart(read_chart(text)) == Key(0, Mode.MAJOR)


@pytest.mark.parametrize("text", MINOR)
def test_progressions_in_minor_are_known(text: str) -> None:
    assert key_of_chart(read_chart(text)) == Key(4 if "Em" in text else 9, Mode.MINOR)


@pytest.mark.parametrize("semitones", range(12))
@pytest.mark.parametrize("text", [*MAJOR, *MINOR])
def test_the_key_moves_with_the_chords(text: str, semitones: int) -> None:
    chart = read_chart(text)

    key, there = key_of_chart(chart), key_of_chart(moved(chart, semitones))

    assert there == Key((key.tonic + semitones) % 12, key.mode)


def test_a_mode_that_is_known_is_kept() -> None:
    assert key_of_chart(read_chart("Am F C G"), Mode.MAJOR) == Key(0, Mode.MAJOR)
    assert key_of_chart(read_chart("C G Am F"), Mode.MINOR) == Key(9, Mode.MINOR)
