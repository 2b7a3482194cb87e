from itertools import pairwise

import pytest

from generators.score.score import Form
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import sketch_of
from training.arranger.melody import ladder, lead_range, melody, theme


@pytest.mark.parametrize("style", STYLES)
def test_a_ladder_climbs(style: Style) -> None:
    sketch = sketch_of(style)
    for chord in set(sketch.chords):
        rungs = ladder(chord, sketch, (60, 80))
        assert rungs == sorted(set(rungs))
        assert rungs[0] <= 60
        assert rungs[-1] >= 80


@pytest.mark.parametrize("style", STYLES)
def test_a_theme_stays_in_its_range_and_breathes(style: Style) -> None:
    sketch = sketch_of(style)
    section = sketch.spec.form[1]
    notes = theme(sketch, section, sketch.chords[8:24])
    low, high = lead_range(0.5, style)
    assert all(low - 3 <= pitch <= high + 3 for _, pitch, _ in notes)
    assert all(first + length <= second for (first, _, length), (second, _, _) in pairwise(notes))
    assert sum(length for _, _, length in notes) < section.bars * sketch.per


def test_a_theme_is_made_of_returning_rhythms() -> None:
    shared = 0
    for seed in range(10):
        sketch = sketch_of(Style.FOLK, seed=seed)
        notes = theme(sketch, sketch.spec.form[1], sketch.chords[8:24])
        bars = [tuple(s % 16 for s, _, _ in notes if s // 16 == bar) for bar in range(8)]
        shared += len(set(bars)) < 8
    assert shared >= 9


def test_density_asks_for_more_notes() -> None:
    counts = [sum(len(melody(sketch_of(Style.FOLK, 0.8, d, seed))) for seed in range(6)) for d in (0.05, 0.5, 0.95)]
    assert counts == sorted(counts)
    assert counts[0] * 1.5 < counts[-1]


def test_a_chorus_lies_higher_than_its_verse_on_the_whole() -> None:
    higher = 0.0
    for seed in range(12):
        sketch = sketch_of(Style.CINEMATIC, seed=seed)
        verse, chorus = (
            theme(sketch, s, sketch.chords[2 * s.start_bar : 2 * (s.start_bar + s.bars)])
            for s in (next(s for s in sketch.spec.form if s.form is form) for form in (Form.A, Form.B))
        )
        higher += sum(p for _, p, _ in chorus) / len(chorus) - sum(p for _, p, _ in verse) / len(verse)
    assert higher / 12 > 1.0
