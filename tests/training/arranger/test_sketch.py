import pytest

from generators.score.score import Chord, Form, Mode, Quality, Role
from generators.score.style import STYLES, Style
from tests.training.arranger.sketches import FORM, sketch_of
from training.arranger.sketch import scale_at


def test_a_plain_chord_leaves_the_scale_alone() -> None:
    assert scale_at(Chord(0, Quality.MAJ), 0, Mode.MAJOR) == (0, 2, 4, 5, 7, 9, 11)


def test_a_dominant_in_minor_raises_the_leading_note() -> None:
    assert scale_at(Chord(4, Quality.MAJ), 9, Mode.MINOR) == (9, 11, 0, 2, 4, 5, 8)


def test_a_scale_always_holds_the_chord() -> None:
    for root in range(12):
        for quality in (Quality.MAJ, Quality.MIN, Quality.DOM7):
            chord = Chord(root, quality)
            inside = chord.pitch_classes & set(scale_at(chord, 0, Mode.MINOR))
            assert len(inside) >= len(chord.pitch_classes) - 1


@pytest.mark.parametrize("style", STYLES)
def test_builds_rise_and_the_chorus_is_stronger_than_the_verse(style: Style) -> None:
    strength = sketch_of(style, 0.5).strength
    build = strength[FORM[2].start_bar : FORM[2].start_bar + FORM[2].bars]
    assert list(build) == sorted(build)
    assert sum(strength[16:24]) > sum(strength[4:12])


@pytest.mark.parametrize("style", STYLES)
def test_more_energy_never_means_fewer_layers(style: Style) -> None:
    sizes = [sum(map(len, sketch_of(style, energy).layers)) for energy in (0.0, 0.3, 0.6, 1.0)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("style", STYLES)
def test_somebody_always_holds_the_harmony(style: Style) -> None:
    for energy in (0.0, 0.5, 1.0):
        assert all(playing & {Role.CHORDS, Role.PAD} for playing in sketch_of(style, energy).layers)


def test_a_stronger_bar_is_played_harder() -> None:
    soft, loud = (sketch_of(Style.FOLK, energy).velocity(Role.LEAD, 64) for energy in (0.1, 0.9))
    assert soft + 40 < loud


def test_randomness_returns_with_its_name() -> None:
    sketch = sketch_of(Style.JAZZ)
    assert sketch.rng("bass", Form.A).random() == sketch.rng("bass", Form.A).random()
    assert sketch.rng("bass", Form.A).random() != sketch.rng("bass", Form.B).random()


def test_borrowed_chords_bend_the_degrees_that_they_spell() -> None:
    assert scale_at(Chord(10, Quality.MAJ), 0, Mode.MAJOR) == (0, 2, 4, 5, 7, 9, 10)
    assert scale_at(Chord(8, Quality.MAJ), 0, Mode.MAJOR) == (0, 2, 3, 5, 7, 8, 11)
    assert scale_at(Chord(1, Quality.MAJ), 0, Mode.MINOR) == (0, 1, 3, 5, 7, 8, 10)
    assert scale_at(Chord(5, Quality.MAJ), 0, Mode.MINOR) == (0, 2, 3, 5, 7, 9, 10)
