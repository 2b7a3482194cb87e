"""Progressions by style and mode in Roman numerals: one bar a word, `/` parts a bar in two."""

from collections.abc import Mapping

from generators.score.score import Mode
from generators.score.style import Style

_MAJOR: Mapping[Style, tuple[str, ...]] = {
    Style.AMBIENT: (
        "I I IVmaj7 IVmaj7",
        "Imaj7 iii7 IVmaj7 I",
        "I II IV I",
        "I vi7 IVmaj7 Isus2",
        "IVmaj7 I IVmaj7 vi7",
        "Imaj7 Imaj7 II II",
    ),
    Style.CINEMATIC: (
        "I V vi IV",
        "I iii IV iv",
        "vi IV I V",
        "I bVI bVII I",
        "IV V iii vi",
        "I V/I IV I",
        "I iii vi IV",
        "IV I ii V",
        "I bIII IV I",
        "I vi IV V I vi ii V",
        "I II IV I",
    ),
    Style.TENSION: ("I bII I bII", "I bVI bII V", "I iv I bVI", "I I bII bII"),
    Style.EPIC: ("I bVII IV I", "I bVI bVII I", "vi IV I V", "I V bVII IV", "I bIII bVII IV", "IV V vi I"),
    Style.LOFI: (
        "ii7 V7 Imaj7 vi7",
        "Imaj7 vi7 ii7 V7",
        "IVmaj7 iii7 ii7 Imaj7",
        "IVmaj7 V7 iii7 vi7",
        "Imaj7 III7 vi7 IVmaj7",
        "IVmaj7 iv7 iii7 VI7",
        "ii7 iii7 IVmaj7 V7",
    ),
    Style.CORPORATE: (
        "I V vi IV",
        "vi IV I V",
        "I IV vi V",
        "IV I V vi",
        "IV V vi I",
        "I iii IV V",
        "I V IV IV",
        "I Isus4 IV V",
        "I vi IV V",
    ),
    Style.FOLK: (
        "I IV I V",
        "I V vi IV",
        "I I IV V",
        "I bVII IV I",
        "vi IV I V",
        "I iii IV I",
        "I IV vi V",
        "IV I V I",
    ),
    Style.ACOUSTIC: (
        "I V vi IV",
        "I iii vi IV",
        "IV I V vi",
        "Imaj7 IVmaj7 I V",
        "I vi ii V",
        "I V/vi IV I/V",
        "I IV iv I",
        "I Isus4 vi IV",
    ),
    Style.HOUSE: (
        "IV V vi I",
        "vi7 IVmaj7 I V",
        "IVmaj7 iii7 vi7 vi7",
        "ii7 IVmaj7 vi7 V",
        "I V ii7 IV",
        "IVmaj7 V vi7 iii7",
    ),
    Style.SYNTHWAVE: ("I V vi IV", "IV V I vi", "vi IV I V", "I bVII IV I", "IV I V vi", "I bVI bVII I"),
    Style.JAZZ: (
        "ii7 V7 Imaj7 Imaj7",
        "Imaj7 vi7 ii7 V7",
        "iii7/VI7 ii7/V7 Imaj7 VI7",
        "Imaj7 ii7/V7 Imaj7 IVmaj7",
        "Imaj7 VI7 ii7 V7 iii7 VI7 ii7/V7 Imaj7",
        "Imaj7 viih/III7 vi7 ii7/V7",
        "IVmaj7 iv7 iii7/VI7 ii7/V7",
        "Imaj7 Imaj7 ii7 V7 ii7 V7 Imaj7 ii7/V7",
        "I7 IV7 I7 I7 IV7 IV7 I7 V7",
    ),
    Style.FUNK: ("I7 I7 IV7 I7", "I7 I7 I7 IV7", "I7 bVII IV7 I7", "ii7 V7 ii7 V7", "I7 IV7 I7 V7", "vi7 II7 vi7 II7"),
    Style.CHIPTUNE: (
        "I V vi IV",
        "I IV V I",
        "I bVI bVII I",
        "IV V iii vi",
        "vi IV V I",
        "I iii IV V",
        "I V IV V",
        "I vi ii V I vi IV V",
    ),
    Style.ROMANTIC: (
        "I IV V7 I",
        "I vi ii V7",
        "I V7 I IV I ii V7 I",
        "I iii IV V7",
        "I V/vi IV/V I",
        "IV iv I V7",
        "I VI7 ii V7",
        "I III7 vi IV",
        "I V7 vi iii IV I ii V7",
    ),
}

_MINOR: Mapping[Style, tuple[str, ...]] = {
    Style.AMBIENT: (
        "i i bVImaj7 bVImaj7",
        "i7 iv7 i7 v7",
        "i bVII bVI i",
        "i7 bIIImaj7 bVImaj7 iv7",
        "i IV i IV",
        "bVImaj7 i bVImaj7 bVII",
    ),
    Style.CINEMATIC: (
        "i bVI bIII bVII",
        "i iv bVI V",
        "i bVII bVI V",
        "i v bVI iv",
        "bVI bVII i bIII",
        "i bIII iv bVI",
        "i bVI iv V",
        "i iv i V i bVI iv V",
        "i v/bVI iv V",
    ),
    Style.TENSION: (
        "i i bII i",
        "i i bVI V",
        "i iv i bII",
        "i io i V",
        "i bVI i bII",
        "i i iv/bVI V",
        "i bII bVI V",
        "i i i io",
    ),
    Style.EPIC: (
        "i bVI bIII bVII",
        "i bVI bVII i",
        "i iv bVI bVII",
        "i bVII bVI V",
        "i bIII bVI bVII",
        "i bVI iv V",
        "i bII bVI bVII",
        "i v bVI bVII",
    ),
    Style.LOFI: (
        "i7 iv7 bVII7 bIIImaj7",
        "iih V7 i7 i7",
        "i7 IV7 i7 IV7",
        "bVImaj7 v7 i7 i7",
        "i7 bVImaj7 iih V7",
        "iv7 bVII7 bIIImaj7 bVImaj7",
        "i7 v7 bVImaj7 bVII7",
    ),
    Style.CORPORATE: ("i bVI bIII bVII", "bVI bVII i bIII", "i bIII bVII iv", "bVI bIII bVII i"),
    Style.FOLK: ("i bVII bVI bVII", "i bIII bVII IV", "i bVII i v", "i iv bVII i", "i bVI bIII bVII", "i IV i bVII"),
    Style.ACOUSTIC: (
        "i bVI bIII bVII",
        "i iv bVII bIII",
        "i v bVI iv",
        "i bVII bVI V",
        "i7 iv7 bVImaj7 V",
        "bVI bVII i i",
        "i bIII iv V",
    ),
    Style.HOUSE: (
        "i7 i7 bVImaj7 bVII",
        "i7 bIII bVII IV",
        "bVImaj7 bVII i7 v7",
        "i7 v7 bVImaj7 iv7",
        "i7 i7 iv7 v7",
        "i bVI bIII bVII",
        "i7 IV7 i7 IV7",
    ),
    Style.SYNTHWAVE: (
        "i bVI bIII bVII",
        "bVI bVII i i",
        "i bVII bVI bVII",
        "i bIII IV bVI",
        "i IV bVI bVII",
        "i v bVI bVII",
        "i bIII bVII IV",
        "i i bVI V",
    ),
    Style.JAZZ: (
        "iih V7 i7 i7",
        "i7 iv7 iih V7",
        "iv7 bVII7 bIIImaj7 bVImaj7 iih V7 i7 i7",
        "i7 iih/V7 i7 IV7",
        "i7 bVImaj7 iih V7",
        "i7 i7 iv7 i7 bVI7 V7 i7 iih/V7",
        "i7 IV7 i7 V7",
    ),
    Style.FUNK: (
        "i7 i7 i7 IV7",
        "i7 IV7 i7 IV7",
        "i7 i7 bVII7 IV7",
        "i7 bIII IV7 bVII",
        "i7 i7 iv7 v7",
        "i7 bVI7 V7 i7",
    ),
    Style.CHIPTUNE: (
        "i bVI bVII i",
        "i bVI bIII bVII",
        "i bVII bVI V",
        "i iv V i",
        "bVI bVII i v",
        "i v bVI bVII",
        "i bIII iv V",
        "i bII V i",
    ),
    Style.ROMANTIC: (
        "i iv V7 i",
        "i bVI iih V7",
        "i V7 i bIII iv i V7 i",
        "i iv bVII bIII",
        "i bVII bIII V7",
        "i bVI iv V7",
        "i io V7 i",
        "iv i V7 i",
    ),
}

#: What may end a section before another one: half cadences and the like.
_TURNS: Mapping[Mode, tuple[str, ...]] = {
    Mode.MAJOR: ("V", "IV/V", "ii/V", "Vsus4/V", "V7"),
    Mode.MINOR: ("V", "bVII", "iv/V", "bVI/bVII", "Vsus4/V"),
}
_JAZZ_TURNS: Mapping[Mode, tuple[str, ...]] = {Mode.MAJOR: ("ii7/V7", "VI7/V7"), Mode.MINOR: ("iih/V7", "bVI7/V7")}
_BUILDS: Mapping[Mode, tuple[str, ...]] = {
    Mode.MAJOR: ("IV IV V V", "vi IV V V", "ii IV V V", "IV V IV V", "V V V V", "iii IV Vsus4 V"),
    Mode.MINOR: ("iv iv V V", "bVI bVI bVII bVII", "bVI bVII bVI bVII", "iv bVI V V", "i bVII bVI V", "iv v bVI bVII"),
}
#: The two bars before the last tonic.
_CLOSES: Mapping[Mode, tuple[str, ...]] = {
    Mode.MAJOR: ("IV V", "ii V", "IV iv", "IV IV", "vi V", "bVI bVII", "ii IV/V"),
    Mode.MINOR: ("iv V", "bVI V", "bVI bVII", "iv iv", "bVI iv", "iih V", "iv bVII"),
}
_JAZZ_CLOSES: Mapping[Mode, tuple[str, ...]] = {Mode.MAJOR: ("ii7 V7", "iii7/VI7 ii7/V7"), Mode.MINOR: ("iih V7",)}
_JAZZY = (Style.JAZZ, Style.LOFI)


def progressions(style: Style, mode: Mode) -> tuple[str, ...]:
    """The loops of a style."""
    return (_MAJOR if mode is Mode.MAJOR else _MINOR)[style]


def builds(mode: Mode) -> tuple[str, ...]:
    """Progressions that wait for a resolution."""
    return _BUILDS[mode]


def turns(style: Style, mode: Mode) -> tuple[str, ...]:
    """Last bars that lead into another section."""
    return (_JAZZ_TURNS if style in _JAZZY else _TURNS)[mode]


def closes(style: Style, mode: Mode) -> tuple[str, ...]:
    """Two bars that lead to the last tonic."""
    return (_JAZZ_CLOSES if style in _JAZZY else _CLOSES)[mode]
