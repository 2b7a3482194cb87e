import pytest

from generators.score.score import Note
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.counter import counter_line, counter_range
from training.arranger.melody import melody
from training.arranger.sketch import scale_at


@pytest.mark.parametrize("style", STYLES)
def test_the_second_voice_stays_in_its_range_and_scale(style: Style) -> None:
    for seed in range(4):
        sketch = sketch_of(style, 1.0, seed=seed)
        low, high = counter_range(sketch.spec.brightness)
        for n in counter_line(sketch, melody(sketch)):
            assert low - 4 <= n.pitch <= high + 14  # thirds follow the lead upwards
            key = sketch.spec.key
            assert n.pitch % 12 in scale_at(sketch.chord_at(n.onset), key.tonic, key.mode)


def test_the_second_voice_mostly_lies_below_the_lead() -> None:
    for style in STYLES:
        sketch = sketch_of(style, 1.0)
        lead = melody(sketch)
        sung = {s: n.pitch for n in lead for s in range(n.onset, n.onset + n.duration)}
        below = [n.pitch < sung[n.onset] for n in counter_line(sketch, lead) if n.onset in sung]
        assert sum(below) >= 0.6 * len(below)


def test_answers_come_where_the_lead_rests() -> None:
    sketch = sketch_of(Style.JAZZ, 1.0)
    everywhere = [Note(s, 84, 2, 90) for s in range(0, 32 * 16, 2)]
    assert len(counter_line(sketch, everywhere)) < len(counter_line(sketch, []))
