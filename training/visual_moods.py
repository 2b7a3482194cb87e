"""Which mood a picture suggests by colour, light, motion and cuts: documented rules, and no more than rules.

Colour alone is a poor judge of mood: against human ratings of 900 photographs the formula of Valdez and Mehrabian
reached r = 0.17 for valence and 0.11 for arousal, and a forest on 59 low-level features 0.34 and 0.39. What is in the
picture decides, and these rules do not see it. So spreads are wide, and stories, captions and settings weigh more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.score.style import Style
from training.moods import Mood

STILL_SPREAD = 0.18
MOVING_SPREAD = 0.12  # motion and cutting are better judges of arousal than colour is
FAST_CUTS_PER_MIN = 40.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the rules see, all 0..1 but warmth in -1..1 (red over blue); motion and cuts are None for a still."""

    brightness: float
    saturation: float
    warmth: float
    colourfulness: float
    contrast: float
    green: float
    blue: float
    glow: float
    motion: float | None = None
    cuts_per_min: float | None = None

    @property
    def night(self) -> float:
        """How dark: 1 below a mean level of 0.15, 0 above 0.45."""
        return _unit((0.45 - self.brightness) / 0.3)

    @property
    def activity(self) -> float:
        """Motion and cutting together, 0..1; a still has none."""
        return _unit(0.6 * (self.motion or 0.0) + 0.5 * _unit((self.cuts_per_min or 0.0) / FAST_CUTS_PER_MIN))


def look_at(rgb: NDArray[np.uint8]) -> Look:
    """Measure a picture [H W 3]."""
    x = rgb.astype(np.float64) / 255.0
    red, green, blue = x[..., 0], x[..., 1], x[..., 2]
    value = x.max(-1)
    saturation = (value - x.min(-1)) / np.maximum(value, 1e-6)
    chroma = value - x.min(-1)
    grey = x @ (0.299, 0.587, 0.114)
    return Look(
        brightness=float(grey.mean()),
        saturation=float((saturation * np.minimum(1.0, value / 0.2)).mean()),  # black has no colour
        warmth=float(np.clip(2.0 * (red - blue).mean(), -1.0, 1.0)),
        colourfulness=_unit(_colourfulness(x) / 0.43),
        contrast=_unit(2.0 * float(grey.std())),
        green=float(((green > red) & (green > blue) & (chroma > 0.08)).mean()),
        blue=float(((blue > red) & (blue >= green) & (chroma > 0.08)).mean()),
        glow=_unit(12.0 * float(((chroma > 0.45) & (value > 0.7)).mean())),
    )


def mood_of(look: Look) -> Mood:
    """The mood that a look suggests.

    Pleasure 0.69 B + 0.22 S and arousal -0.31 B + 0.60 S (Valdez and Mehrabian 1994, standardised brightness and
    saturation), plus our own small terms for warmth and contrast and a large one for motion and cuts.
    """
    bright, rich = (look.brightness - 0.48) / 0.22, (look.saturation - 0.35) / 0.2
    valence = 0.53 + 0.17 * (0.69 * bright + 0.22 * rich) + 0.1 * look.warmth - 0.08 * look.night
    arousal = 0.36 + 0.13 * (-0.31 * bright + 0.6 * rich) + 0.2 * (look.contrast - 0.3)
    if look.motion is not None:
        arousal += 0.62 * look.activity - 0.14
    return Mood(
        valence=_unit(valence),
        arousal=_unit(arousal),
        valence_spread=STILL_SPREAD,
        arousal_spread=STILL_SPREAD if look.motion is None else MOVING_SPREAD,
        styles=_styles(look),
        brightness=_unit(0.32 + 0.35 * look.brightness + 0.15 * (look.saturation - 0.35)),
        tempo_bpm=_tempo(look),
        major=_unit(0.2 + 0.75 * valence),
    )


def _styles(look: Look) -> dict[Style, float]:
    """Soft rules: night and glow are neon, green daylight is folk, pale is ambient, gaudy is pop, dark is tension."""
    day, pale = 1.0 - look.night, 1.0 - _unit(look.saturation / 0.5)
    warm, gaudy = _unit(2.0 * look.warmth), look.colourfulness * _unit(look.saturation / 0.6)
    busy = look.activity
    still = 1.0 - busy
    return {
        Style.AMBIENT: 0.4 + still * (1.2 * pale + 1.0 * look.blue),
        Style.CINEMATIC: 1.0 + look.contrast,
        Style.TENSION: 0.2 + 2.4 * look.night * pale + look.night * busy,
        Style.EPIC: 0.2 + 2.6 * busy * look.contrast,
        Style.LOFI: 0.4 + still * (0.8 * look.night + 0.6 * warm),
        Style.CORPORATE: 0.3 + 1.8 * day * look.brightness * (0.5 + gaudy),
        Style.FOLK: 0.3 + 2.6 * look.green * day,
        Style.ACOUSTIC: 0.5 + still * (1.2 * warm + 0.6 * pale * day),
        Style.HOUSE: 0.2 + 2.0 * busy * (gaudy + look.glow),
        Style.SYNTHWAVE: 0.2 + 3.2 * look.night * look.glow,
        Style.JAZZ: 0.3 + 1.2 * look.night * warm,
        Style.FUNK: 0.2 + 1.4 * gaudy * (0.4 + busy),
        Style.CHIPTUNE: 0.1 + 1.2 * gaudy * look.glow,
        Style.ROMANTIC: 0.4 + still * (0.8 * pale * day + 0.6 * warm),
    }


def _tempo(look: Look) -> tuple[float, float] | None:
    if look.motion is None:
        return None
    centre = 68.0 * 2.0 ** (0.95 * look.activity)
    return 0.8 * centre, 1.25 * centre


def _colourfulness(x: NDArray[np.float64]) -> float:
    """Hasler and Süsstrunk 2003, on 0..1: about 0.43 is "extremely colourful"."""
    red_green = x[..., 0] - x[..., 1]
    yellow_blue = 0.5 * (x[..., 0] + x[..., 1]) - x[..., 2]
    deviation = np.hypot(red_green.std(), yellow_blue.std())
    return float(deviation + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def _unit(x: float) -> float:
    return min(1.0, max(0.0, float(x)))
