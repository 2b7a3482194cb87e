"""The whole of what a mood wants of music: whatever a family leaves open follows from its valence, arousal and styles.

The defaults order scenes rightly more than they measure anything: tension is the diagonal from calm pleasure to aroused
displeasure (Schimmack & Grob 2000, tense arousal), density follows arousal (the strongest link that note statistics
have to rated arousal), tempo rises with arousal, and a major key goes with pleasure (Gabrielsson & Lindstroem 2010).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.render.palettes import PALETTES
from generators.score.style import Style
from training.moods import Mood
from training.scenes.entries import FASTEST_BPM, SLOWEST_BPM

_BUSIER = {Style.EPIC: 0.1, Style.HOUSE: 0.1, Style.FUNK: 0.1, Style.CHIPTUNE: 0.12, Style.AMBIENT: -0.1}


@dataclass(frozen=True)
class Wanted:
    """Music for a scene: levels in 0..1, style weights adding up to 1, a range of tempo, mode and a palette's name."""

    valence: float
    arousal: float
    tension: float
    density: float
    styles: Mapping[Style, float]
    tempo_bpm: tuple[float, float]
    mode: str
    palette: str


def wanted(mood: Mood) -> Wanted:
    """What a mood asks for, complete."""
    total = sum(mood.styles.values())
    styles = {s: w / total for s, w in mood.styles.items()} if total else {Style.CINEMATIC: 1.0}
    leading = max(styles, key=lambda s: styles[s])
    major = _unit(0.15 + 0.8 * mood.valence) if mood.major is None else mood.major
    return Wanted(
        valence=mood.valence,
        arousal=mood.arousal,
        tension=_tension(mood, styles) if mood.tension is None else mood.tension,
        density=_density(mood, styles) if mood.density is None else mood.density,
        styles=styles,
        tempo_bpm=_tempo(mood) if mood.tempo_bpm is None else mood.tempo_bpm,
        mode="major" if major >= 0.5 else "minor",
        palette=PALETTES[leading][0].name if mood.palette is None else mood.palette,
    )


def _tension(mood: Mood, styles: Mapping[Style, float]) -> float:
    return _unit(0.8 * (0.5 + (mood.arousal - mood.valence) / 2) + 0.2 * styles.get(Style.TENSION, 0.0))


def _density(mood: Mood, styles: Mapping[Style, float]) -> float:
    return _unit(0.12 + 0.62 * mood.arousal + sum(_BUSIER.get(s, 0.0) * w for s, w in styles.items()))


def _tempo(mood: Mood) -> tuple[float, float]:
    """A fifth to both sides of 60 bpm for no arousal and 140 bpm for all of it."""
    middle = 60.0 + 80.0 * mood.arousal
    return max(SLOWEST_BPM, 0.8 * middle), min(FASTEST_BPM, 1.2 * middle)


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))
