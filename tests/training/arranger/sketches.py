"""Sketches to test part writers with."""

from dataclasses import replace
from random import Random

from generators.score.score import Form, Metre
from generators.score.style import Style
from training.arranger.harmony import harmonise
from training.arranger.sketch import Sketch, layers, strengths
from training.arranger.spec import draw_spec, lay_out

FORM = lay_out([(Form.INTRO, 4), (Form.A, 8), (Form.BUILD, 4), (Form.B, 8), (Form.A, 8), (Form.OUTRO, 4)])


def sketch_of(
    style: Style, energy: float = 0.8, density: float = 0.5, seed: int = 1, brightness: float = 0.5
) -> Sketch:
    """A 36-bar sketch in 4/4."""
    spec = replace(
        draw_spec(Random(1), style),
        form=FORM,
        metre=Metre.FOUR_FOUR,
        energy=energy,
        density=density,
        brightness=brightness,
    )
    strength = strengths(spec)
    return Sketch(spec, seed, harmonise(spec, seed), strength, layers(spec, strength, seed))
