"""The mood of a picture by what it shows as well as by how it looks: a scorpion is tense on the whitest paper."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from generators.score.style import Style
from training.moods import Mood
from training.painted import BRUSHES, paint_scene
from training.pictures import SIZE, Picture
from training.vision_data import Seen

SHOWN = 0.65  # of the mood that a still's class decides; light and colour decide the rest
SHOWN_AROUSAL_MOVING = 0.3  # motion and cutting say more of arousal than what is moved
SURER = 0.05  # less spread, where it is known what is shown
NEAR = 0.22  # how far in mood a style reaches from its home
SCENES = 40  # painted pictures of each place among the photographs

#: Valence and arousal at which each style is at home, for want of a better word for what is seen.
HOMES: dict[Style, tuple[float, float]] = {
    Style.AMBIENT: (0.60, 0.12),
    Style.CINEMATIC: (0.50, 0.45),
    Style.TENSION: (0.20, 0.62),
    Style.EPIC: (0.55, 0.80),
    Style.LOFI: (0.58, 0.25),
    Style.CORPORATE: (0.75, 0.55),
    Style.FOLK: (0.72, 0.40),
    Style.ACOUSTIC: (0.68, 0.28),
    Style.HOUSE: (0.70, 0.80),
    Style.SYNTHWAVE: (0.55, 0.65),
    Style.JAZZ: (0.65, 0.42),
    Style.FUNK: (0.80, 0.72),
    Style.CHIPTUNE: (0.75, 0.70),
    Style.ROMANTIC: (0.60, 0.25),
}


def moods_by_folder(classes: Sequence[Seen]) -> dict[str, tuple[float, float]]:
    """Valence and arousal of every folder of photographs and every painted place."""
    return {folder: (c.valence, c.arousal) for c in classes for folder in (c.folders or (c.name,))}


def with_shown(looks: Mood, picture: Picture, moods: Mapping[str, tuple[float, float]]) -> Mood:
    """The mood of light, colour and movement, drawn to that of what the picture shows, as far as it shows it."""
    shown = None if picture.shows is None else moods.get(picture.shows)
    if shown is None:
        return looks
    share = SHOWN * picture.share
    arousal_share = share if looks.tempo_bpm is None else SHOWN_AROUSAL_MOVING * picture.share
    valence = (1 - share) * looks.valence + share * shown[0]
    arousal = (1 - arousal_share) * looks.arousal + arousal_share * shown[1]
    return replace(
        looks,
        valence=valence,
        arousal=arousal,
        valence_spread=looks.valence_spread - SURER * picture.share,
        arousal_spread=looks.arousal_spread - SURER * (arousal_share / SHOWN),
        styles=_styles(looks.styles, share, (valence, arousal)),
        major=min(1.0, 0.2 + 0.75 * valence),
    )


def paint_places(*, seed: int) -> list[Picture]:
    """SCENES painted pictures of every place, to stand among photographs."""
    rng = np.random.default_rng((seed, 17))
    return [Picture(paint_scene(name, SIZE, rng), name, 1.0) for name in BRUSHES for _ in range(SCENES)]


def _styles(looks: Mapping[Style, float], share: float, mood: tuple[float, float]) -> dict[Style, float]:
    """Weights by light and colour, drawn to the styles whose home is near the mood."""
    near = {style: math.exp(-(math.dist(mood, home) ** 2) / (2 * NEAR**2)) for style, home in HOMES.items()}
    total, all_near = sum(looks.values()) or 1.0, sum(near.values())
    return {s: (1 - share) * looks.get(s, 0.0) / total + share * near[s] / all_near for s in HOMES}
