"""What is asked of one piece, and how such askings are drawn at random."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from generators.score.score import Form, Key, Metre, Mode, Section
from generators.score.style import STYLES, Style


@dataclass(frozen=True, slots=True)
class PieceSpec:
    """The truth about a piece; levels are 0..1, `tempo_bpm` counts felt beats, `form` covers all bars in order."""

    style: Style
    key: Key
    tempo_bpm: float
    metre: Metre
    energy: float
    density: float
    brightness: float
    valence: float
    arousal: float
    form: tuple[Section, ...]

    @property
    def bars(self) -> int:
        """Length in bars."""
        return sum(s.bars for s in self.form)


@dataclass(frozen=True, slots=True)
class Habits:
    """What a style usually does: ranges of tempo and arousal, chance of major at neutral mood, odds of 3/4 and 6/8."""

    tempo: tuple[float, float]
    arousal: tuple[float, float]
    major: float
    three: float = 0.0
    six: float = 0.0


HABITS: Mapping[Style, Habits] = {
    Style.AMBIENT: Habits((48, 88), (0.0, 0.5), 0.55, 0.08, 0.1),
    Style.CINEMATIC: Habits((54, 124), (0.05, 0.85), 0.5, 0.12, 0.14),
    Style.TENSION: Habits((56, 144), (0.2, 0.95), 0.04, 0.06, 0.08),
    Style.EPIC: Habits((76, 172), (0.5, 1.0), 0.25, 0.06, 0.14),
    Style.LOFI: Habits((60, 94), (0.05, 0.55), 0.45),
    Style.CORPORATE: Habits((88, 134), (0.3, 0.9), 0.92),
    Style.FOLK: Habits((68, 134), (0.15, 0.8), 0.65, 0.15, 0.15),
    Style.ACOUSTIC: Habits((52, 118), (0.0, 0.6), 0.5, 0.15, 0.14),
    Style.HOUSE: Habits((112, 132), (0.45, 1.0), 0.4),
    Style.SYNTHWAVE: Habits((74, 128), (0.25, 0.95), 0.25),
    Style.JAZZ: Habits((62, 190), (0.1, 0.8), 0.6, 0.14),
    Style.FUNK: Habits((86, 124), (0.4, 0.95), 0.35),
    Style.CHIPTUNE: Habits((96, 184), (0.35, 1.0), 0.6, 0.06, 0.04),
    Style.ROMANTIC: Habits((48, 116), (0.0, 0.65), 0.55, 0.24, 0.14),
}

_I, _A, _B, _R, _U, _O = Form.INTRO, Form.A, Form.B, Form.BRIDGE, Form.BUILD, Form.OUTRO
_PLANS: tuple[tuple[Form, ...], ...] = (
    (_I, _A, _B, _O),
    (_I, _A, _A, _B, _O),
    (_I, _A, _B, _A, _O),
    (_I, _A, _B, _A, _B, _O),
    (_I, _A, _U, _B, _O),
    (_I, _A, _U, _B, _A, _B, _O),
    (_I, _A, _B, _R, _B, _O),
    (_I, _A, _B, _R, _U, _B, _O),
    (_I, _A, _U, _B, _R, _U, _B, _O),
    (_I, _U, _A, _B, _O),
    (_A, _B, _A, _O),
    (_A, _U, _B, _O),
    (_A, _A, _B, _A, _O),
    (_B, _A, _B, _R, _B, _O),
)


def draw_form(rng: Random) -> tuple[Section, ...]:
    """A plan of sections of 16 to 64 bars; sections of one form are equally long."""
    while True:
        plan = rng.choice(_PLANS)
        length = {
            Form.INTRO: rng.choice((2, 4, 4, 8)),
            Form.A: rng.choice((8, 8, 8, 4, 16)),
            Form.B: rng.choice((8, 8, 8, 4, 16)),
            Form.BRIDGE: rng.choice((4, 8)),
            Form.BUILD: rng.choice((2, 4, 4, 8)),
            Form.OUTRO: rng.choice((2, 4, 4, 6, 8)),
        }
        if 16 <= sum(length[f] for f in plan) <= 64:
            return lay_out([(f, length[f]) for f in plan])


def lay_out(lengths: list[tuple[Form, int]]) -> tuple[Section, ...]:
    """Sections from forms and their bars, one after another."""
    out: list[Section] = []
    for form, bars in lengths:
        out.append(Section(form, out[-1].start_bar + out[-1].bars if out else 0, bars))
    return tuple(out)


def draw_spec(rng: Random, style: Style | None = None) -> PieceSpec:
    """A random asking, typical but wide: tempo, energy and density follow arousal, mode and register follow valence."""
    chosen = style or rng.choice(STYLES)
    habits = HABITS[chosen]
    low, high = habits.arousal
    valence = rng.random()
    arousal = _unit(rng.uniform(low - 0.08, high + 0.08))
    mode = Mode.MAJOR if rng.random() < _unit(habits.major + 1.1 * (valence - 0.5)) else Mode.MINOR
    metre = _draw_metre(habits, rng)
    place = _unit((arousal - low) / (high - low) + rng.gauss(0.0, 0.22))
    tempo = habits.tempo[0] + (habits.tempo[1] - habits.tempo[0]) * place
    if metre is Metre.SIX_EIGHT:
        tempo = max(40.0, 0.66 * tempo)
    energy = _unit(arousal + rng.gauss(0.0, 0.13))
    return PieceSpec(
        style=chosen,
        key=Key(rng.randrange(12), mode),
        tempo_bpm=round(tempo, 1),
        metre=metre,
        energy=energy,
        density=_unit(0.75 * energy + 0.12 + rng.gauss(0.0, 0.2)),
        brightness=_unit(rng.betavariate(1.3, 1.3) + 0.2 * (valence - 0.5)),
        valence=_felt_valence(valence, mode),
        arousal=arousal,
        form=draw_form(rng),
    )


def _draw_metre(habits: Habits, rng: Random) -> Metre:
    at = rng.random()
    if at < habits.three:
        return Metre.THREE_FOUR
    return Metre.SIX_EIGHT if at < habits.three + habits.six else Metre.FOUR_FOUR


def _felt_valence(valence: float, mode: Mode) -> float:
    """Valence as the mode lets it be heard: minor seldom sounds very happy, major seldom sad."""
    return 0.25 + 0.75 * valence if mode is Mode.MAJOR else 0.7 * valence


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))
