from random import Random

import pytest

from generators.score.score import Form, Metre, Mode
from generators.score.style import STYLES, Style
from training.arranger.spec import HABITS, draw_form, draw_spec, lay_out


@pytest.mark.parametrize("style", STYLES)
def test_a_drawn_asking_lies_within_its_ranges(style: Style) -> None:
    rng = Random(3)
    for _ in range(40):
        spec = draw_spec(rng, style)
        assert spec.style is style
        assert 16 <= spec.bars <= 64
        assert all(0.0 <= x <= 1.0 for x in (spec.energy, spec.density, spec.brightness, spec.valence, spec.arousal))
        low, high = HABITS[style].tempo
        assert min(low * 0.66, 40.0) <= spec.tempo_bpm <= high


def test_the_same_seed_draws_the_same_asking() -> None:
    assert draw_spec(Random(9)) == draw_spec(Random(9))
    assert draw_spec(Random(9)) != draw_spec(Random(10))


def test_every_style_is_drawn_and_both_modes_and_all_metres() -> None:
    rng = Random(1)
    specs = [draw_spec(rng) for _ in range(600)]
    assert {s.style for s in specs} == set(STYLES)
    assert {s.key.mode for s in specs} == set(Mode)
    assert {s.metre for s in specs} == set(Metre)


def test_happy_askings_are_major_more_often_than_sad_ones() -> None:
    rng = Random(2)
    specs = [draw_spec(rng) for _ in range(800)]
    share = [
        sum(s.key.mode is Mode.MAJOR for s in group) / len(group)
        for group in ([s for s in specs if s.valence < 0.4], [s for s in specs if s.valence > 0.6])
    ]
    assert share[0] + 0.3 < share[1]


def test_tempo_rises_with_arousal_within_a_style() -> None:
    rng = Random(4)
    specs = [s for s in (draw_spec(rng, Style.CINEMATIC) for _ in range(300)) if s.metre is Metre.FOUR_FOUR]
    calm = [s.tempo_bpm for s in specs if s.arousal < 0.3]
    wild = [s.tempo_bpm for s in specs if s.arousal > 0.6]
    assert sum(calm) / len(calm) + 15 < sum(wild) / len(wild)


def test_sections_lie_one_after_another_and_end_in_an_outro() -> None:
    rng = Random(5)
    for _ in range(50):
        form = draw_form(rng)
        assert form[-1].form is Form.OUTRO
        assert [s.start_bar for s in form] == [sum(t.bars for t in form[:i]) for i in range(len(form))]


def test_laying_out_keeps_order_and_lengths() -> None:
    sections = lay_out([(Form.INTRO, 2), (Form.A, 8)])
    assert [(s.form, s.start_bar, s.bars) for s in sections] == [(Form.INTRO, 0, 2), (Form.A, 2, 8)]
