"""The styles that the bundle knows; the arranger teaches them, the palettes give them instruments."""

from enum import StrEnum


class Style(StrEnum):
    """What a video editor would call the music."""

    AMBIENT = "ambient"
    CINEMATIC = "cinematic"  # warm orchestral
    TENSION = "tension"
    EPIC = "epic"  # trailer, action
    LOFI = "lofi"
    CORPORATE = "corporate"  # bright, motivational pop
    FOLK = "folk"  # indie folk
    ACOUSTIC = "acoustic"  # solo piano or guitar, intimate
    HOUSE = "house"
    SYNTHWAVE = "synthwave"
    JAZZ = "jazz"  # lounge trio
    FUNK = "funk"
    CHIPTUNE = "chiptune"
    ROMANTIC = "romantic"  # chamber, song and piano


STYLES: tuple[Style, ...] = tuple(Style)
