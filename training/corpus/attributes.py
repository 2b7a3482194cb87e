"""Measured attributes of a piece, for captions and labels."""

from dataclasses import dataclass

from generators.score.controls import measure
from generators.score.score import Mode, Role, Score
from generators.score.style import Style
from training.corpus.piece import Source


@dataclass(frozen=True, slots=True)
class Attributes:
    """Tempo in felt beats a minute; energy and brightness 0..1, means over the bars that sound."""

    tempo_bpm: float
    energy: float
    density: float
    brightness: float
    mode: Mode


def attributes(score: Score) -> Attributes:
    """Measure a score through its controls."""
    controls = measure(score)
    bright = controls.values["brightness"][controls.mask("brightness")]
    return Attributes(
        tempo_bpm=score.tempo_bpm,
        energy=float(controls.values["energy"].mean()),
        density=float(controls.values["density"].mean()),
        brightness=float(bright.mean()) if len(bright) else 0.0,
        mode=score.key.mode,
    )


def style_of(source: Source, score: Score) -> Style:
    """The style that comes nearest to what a collection holds, told apart by energy, drums and tempo."""
    is_ = attributes(score)
    if source in (Source.LIEDER, Source.QUARTETS):
        return Style.ROMANTIC
    if source is Source.ORCHESTRA:
        return Style.EPIC if is_.energy >= 0.6 else Style.CINEMATIC
    drums = len(score.parts.get(Role.DRUMS, ())) / (score.bars * score.metre.beats_per_bar)
    if drums < 0.25:
        return Style.AMBIENT if is_.density < 0.45 else Style.TENSION
    return Style.EPIC if is_.tempo_bpm >= 110 and is_.energy >= 0.6 else Style.TENSION
