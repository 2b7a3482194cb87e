"""How a palette wants to be played."""

from dataclasses import replace

from generators.render.palette import Palette
from generators.score.perform import Feel

USUAL_HUMANISE_MS = 8.0  # the looseness of a lead in a plain `Feel`


def feel_of(palette: Palette) -> Feel:
    """The palette's hints as a way of playing: its swing from straight to triplets, its looseness over all roles."""
    plain = Feel()
    scale = palette.humanise_ms / USUAL_HUMANISE_MS
    jitter = {role: deviation_s * scale for role, deviation_s in plain.timing_jitter_s.items()}
    return replace(plain, swing=0.5 + palette.swing / 6.0, timing_jitter_s=jitter)
