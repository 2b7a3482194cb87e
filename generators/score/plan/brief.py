"""What the planner is given and what it gives back."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from generators.score.chart import Chart, Symbol
from generators.score.controls import Controls
from generators.score.score import Key, Metre, Section
from generators.score.style import Style
from generators.score.theme import Placement, ThemeCall
from generators.score.tune import Melody, Tune


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment that the music should meet: time in seconds, weight 0..1 (1: must), where it came from."""

    time_s: float
    weight: float
    source: str = "detected"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the picture that wants one section of music (a scene, a paragraph of the story)."""

    start_s: float
    end_s: float
    form: str | None = None  # a `Form` value when somebody asked for one
    theme: ThemeCall | None = None


@dataclass(frozen=True)
class Curve:
    """A value 0..1 over time: `times_s` [S] rising, `values` [S]."""

    times_s: NDArray[np.float64]
    values: NDArray[np.float64]

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Linear interpolation; constant beyond the ends."""
        return np.interp(times_s, self.times_s, self.values)


@dataclass(frozen=True)
class Brief:
    """What the picture asks of the music. `tempo_exact` forbids the planner to choose another tempo."""

    duration_s: float
    style: Style
    tempo_bpm: float
    key: Key
    metre: Metre = Metre.FOUR_FOUR
    tempo_exact: bool = False
    cuts: tuple[Cut, ...] = ()
    spans: tuple[Span, ...] = ()
    curves: dict[str, Curve] = field(default_factory=dict)  # any of energy, density, brightness
    chart: Chart | None = None
    tune: Tune | None = None  # in the metre of the brief; it is moved into its key
    loop: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class GridBar:
    """One bar in time: `steps` of the score's bar are played (fewer than a full bar where beats are dropped)."""

    start_s: float
    end_s: float
    steps: int


@dataclass(frozen=True, slots=True)
class Accent:
    """A cut as the music marks it: the grid place that it got, or none when it is met off the grid by an effect."""

    cut: Cut
    time_s: float
    bar: int | None
    step: int | None


@dataclass(frozen=True)
class Plan:
    """When things happen: tempo, metre, key, the elastic bar grid, sections, accents, chords, the flow's controls."""

    duration_s: float
    tempo_bpm: float
    metre: Metre
    key: Key
    style: Style
    bars: tuple[GridBar, ...]
    sections: tuple[Section, ...]
    accents: tuple[Accent, ...]
    controls: Controls
    loop: bool = False
    harmony: tuple[Symbol, ...] | None = None  # two a bar where chords were asked for
    themes: tuple[Placement, ...] = ()
    melody: Melody | None = None

    def time_of(self, bar: int, step: float) -> float:
        """Seconds of a step in a bar; steps are equal within one bar."""
        at = self.bars[bar]
        return at.start_s + (at.end_s - at.start_s) * step / at.steps
