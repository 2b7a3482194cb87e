"""Rhythms of melodies: cells of one bar, from calm to busy, by character and metre."""

from collections.abc import Mapping

from generators.score.style import Style

LYRIC = (
    ("x---------------", "x-------x-------", "x-----------x---", "x---------......", "....x-------x---"),
    (
        "x-----x-x---x---",
        "x---x---x-------",
        "x-------x---x---",
        "x-----x-x-------",
        "x---------x-x---",
        "x---x-------x-x-",
    ),
    ("x---x-x-x---x-x-", "x-x-x---x-x-x---", "x-----x-x-x-x-x-", "x---x-x-x-x-x---", "..x-x-x-x---x-x-"),
)
SONG = (
    ("x-------x-------", "x-----x---------", "x-------x---x---", "....x---x-------"),
    (
        "x---x-x---x-x---",
        "x---x---x-x-x---",
        "x-x-x---x---x---",
        "..x-x-x-x---x---",
        "x-----x-x-x-x---",
        "x---x-x---x-----",
    ),
    ("x-x-x-x-x-x-x---", "x-x--x--x-x-x-x-", "x-xxx-x-x---x-x-", "..x-x-x-x-x-x-x-", "x--x--x-x-x-x-x-"),
)
SYNC = (
    ("x-----x---------", "x--x------......", "..x-----x-------", "x-----x---x-----"),
    (
        "x--x--x---x-x---",
        "..x-x-x---x--x--",
        "x--x----x--x----",
        "x-----x-..x-x---",
        "x-..x--x--x-x---",
        "x--x--x-----x-x-",
    ),
    ("x--x--x-..x-x-x-", "x-x--x-xx-x--x--", "..xxx-x-..x-xx--", "x-xx--x-x-xx--x-", "x--x--x-x--x--x-"),
)
JAZZ = (
    ("x-------x-------", "..x-----x---....", "x-----x---------", "....x-----x-x---"),
    (
        "..x-x-x-x---x-x-",
        "x---x-x-..x-x---",
        "x-x-x-..x---..x-",
        "..x-x---..x-x-x-",
        "x-----x-x-x-x---",
        "..x---x-x-x-x-x-",
    ),
    ("x-x-x-x-x-x-x-x-", "..x-x-x-x-x-x-x-", "x-xxx-x-x-x-x---", "x-x-x-x-xxx-x-x-", "..x-x-xxx-x-x-x-"),
)
HEROIC = (
    ("x---------------", "x-------x-------", "x-----------x---", "x-----x---------"),
    ("x-----x-x-------", "x--x--x-x-------", "x-----x-x---x---", "x-----xxx---x---", "x---x-----x-x---"),
    ("x--x--x-x--x--x-", "x-xxx---x-xxx---", "x-----xxx-x-x-x-", "x--x--x-x-x-x-x-"),
)
RIFF = (
    ("x---x---x-------", "x-----x-x-------", "x---x-x-x-------"),
    ("x-x-x--xx-x-x---", "x-x-x-x-x---x---", "x--x--x-x-x-x-x-", "xx-xx-x-x-x-x---", "x-x--x--x-x-x---"),
    ("x-xxx-x-x-xxx-x-", "xxx-xxx-x-x-x-x-", "x-xxxxx-x-xxx---", "x--xx-x-xxx-x-xx"),
)
SPARSE = (
    ("x---------------", "x---------......", "........x-------", "....x-----------"),
    ("x-------x-------", "x-----x---------", "x-----------x---", "..x---x---------"),
    ("x-----x-x---x---", "x---x---x-------", "x-x-x-----------", "..x-x-x---x-----"),
)
THREE = (
    ("x-----------", "x-------x---", "x-------....", "x---x-------"),
    ("x---x---x---", "x-----x-x---", "x---x-x-x---", "x-------x-x-", "..x-x---x---"),
    ("x-x-x-x-x---", "x---x-x-x-x-", "x-x-x-x-x-x-", "x-xxx-x-x-x-"),
)
SIX = (
    ("x-----------", "x-----x-----", "x---------x-", "x-----x---x-"),
    ("x---x-x-----", "x---x-x---x-", "x-----x-x-x-", "x-x-x-x-----"),
    ("x-x-x-x---x-", "x---x-x-x-x-", "x-x-x-x-x-x-", "x--xx-x-x-x-"),
)

OF_STYLE: Mapping[Style, tuple[tuple[str, ...], ...]] = {
    Style.AMBIENT: SPARSE,
    Style.CINEMATIC: LYRIC,
    Style.TENSION: SPARSE,
    Style.EPIC: HEROIC,
    Style.LOFI: SYNC,
    Style.CORPORATE: SONG,
    Style.FOLK: SONG,
    Style.ACOUSTIC: LYRIC,
    Style.HOUSE: SYNC,
    Style.SYNTHWAVE: SYNC,
    Style.JAZZ: JAZZ,
    Style.FUNK: SYNC,
    Style.CHIPTUNE: RIFF,
    Style.ROMANTIC: LYRIC,
}
#: Ends of phrases: a long note, then room to breathe.
ENDS: Mapping[int, tuple[str, ...]] = {
    16: ("x-----------....", "x-------........", "x---x-------....", "x-x-x-------....", "x-----x-----...."),
    12: ("x---------..", "x-------....", "x-----......", "x---x-----.."),
}
