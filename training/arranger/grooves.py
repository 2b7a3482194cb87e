"""Drum grooves by style, from sparse to busy: one pattern for each drum.

`X` is an accent, `x` a plain stroke, `o` a soft one, `g` a ghost note. Letters: K kick, S snare, R side stick, C clap,
H closed hat, P pedal hat, O open hat, F floor tom, L low tom, T high tom, Z crash, D ride, B tambourine, W cowbell,
A shaker, G conga.
"""

from collections.abc import Mapping

from generators.score.score import DRUM_KEYS
from generators.score.style import Style

Groove = Mapping[str, str]
KEYS: Mapping[str, int] = dict(zip("KSRCHPOFLTZDBWAG", DRUM_KEYS, strict=True))


def _read(text: str) -> Groove:
    return {word[0]: word[2:] for word in text.split()}


def _all(*texts: str) -> tuple[Groove, ...]:
    return tuple(_read(text) for text in texts)


FOUR: Mapping[Style, tuple[Groove, ...]] = {
    Style.CINEMATIC: _all(
        "F:x...............",
        "F:x.........x.....",
        "F:X.....x.x.....x. K:X............... A:o...o...o...o...",
        "F:X..x..x.X..x..x. K:X.......X....... S:....g.......g.gg",
        "F:X..x..x.X..x.xx. K:X.......X....... S:....X.......X.gg L:......x.......xx",
    ),
    Style.TENSION: _all(
        "F:x...............",
        "F:x.....x......... R:............o...",
        "F:x..x............ H:o...o...o...o...",
        "F:x.....x.x....... A:ogogogogogogogog R:....x.......x...",
        "K:X.....x.X....... F:x.x...x.x.x...x. H:x.o.x.o.x.o.x.o. L:..............xx",
        "K:X..x..x.X..x..x. F:X.xxx.xxX.xxx.xx H:x.oox.oox.oox.oo S:....X.......X...",
    ),
    Style.EPIC: _all(
        "F:X...............",
        "F:X.......X...x...",
        "F:X..x..x.X..x..x. K:X.......X.......",
        "F:X.xxX.xxX.xxX.xx K:X.......X....... L:....x.......x.x.",
        "F:X.xxX.xxX.xxX.xx K:X...X...X...X... S:....X.......X... L:..x...x...x...xx",
        "F:XxxxX.xxXxxxX.xx K:X..XX..XX..XX.X. S:....X..g....X.gg L:..x...x...x...xx T:.......x.......x",
    ),
    Style.LOFI: _all(
        "K:x.........x..... H:o...o...o...o...",
        "K:x.......x....... R:....x.......x... H:x.o.x.o.x.o.x.o.",
        "K:X.....x...x..... S:....x.......x... H:x.o.x.o.x.o.x.o.",
        "K:X..x......x..... S:....X..g....X... H:x.o.x.oox.o.x.o.",
        "K:X..x...x..x..... S:....X..g.g..X..g H:x.oox.o.x.oxx.o. O:..............o.",
        "K:X.....xx..x..x.. S:....X..g.g..X..g H:xoxoxoxoxoxxxoxo A:..o...o...o...o.",
    ),
    Style.CORPORATE: _all(
        "A:o.o.o.o.o.o.o.o.",
        "K:x.......x....... A:x.o.x.o.x.o.x.o.",
        "K:X.......X....... C:....x.......x... A:x.o.x.o.x.o.x.o.",
        "K:X.....x.X.x..... S:....X.......X... H:x.o.x.o.x.o.x.o. B:....x.......x...",
        "K:X...X...X...X... C:....x.......x... H:..x...x...x...x. A:xoxoxoxoxoxoxoxo",
        "K:X..x..x.X.x...x. S:....X..g....X..g O:x...x...x...x... H:..x...x...x...x. B:x.x.x.x.x.x.x.x.",
    ),
    Style.FOLK: _all(
        "B:....o.......o...",
        "K:x.......x....... A:o.o.o.o.o.o.o.o.",
        "K:X...x...X...x... B:....x.......x...",
        "K:X.....x.X....... R:....x.......x... A:x.ogx.ogx.ogx.og",
        "K:X...X...X...X... C:....x.......x... B:x.ogx.ogx.ogx.og",
        "K:X...X...X..xX... S:..x.X.gx..x.X.gx B:x.x.x.x.x.x.x.x. F:x.......x.......",
    ),
    Style.HOUSE: _all(
        "K:X...X...X...X...",
        "K:X...X...X...X... H:..x...x...x...x.",
        "K:X...X...X...X... C:....x.......x... O:..x...x...x...x.",
        "K:X...X...X...X... C:....X.......X... O:..x...x...x...x. H:x..ox..ox..ox..o",
        "K:X...X...X...X... C:....X.......X... O:..x...x...x...x. H:x.oxx.oxx.oxx.ox R:...x..x....x..x.",
        "K:X...X...X...X..x C:....X.......X... O:..X...X...X...X. "
        "A:xoxoxoxoxoxoxoxo G:..x..x.x..x..x.x S:.......g..g....g",
    ),
    Style.SYNTHWAVE: _all(
        "K:x.......x.......",
        "K:X.......X....... S:....x.......x...",
        "K:X...X...X...X... S:....X.......X... H:..x...x...x...x.",
        "K:X.......X....... S:....X.......X... H:x.x.x.x.x.x.x.x.",
        "K:X...X...X...X... S:....X.......X... H:xoxoxoxoxoxoxoxo O:..............x.",
        "K:X..xX...X.x.X... S:....X.......X... C:....x.......x... "
        "H:xoxoxoxoxoxoxoxo T:.............x.. L:..............xx",
    ),
    Style.JAZZ: _all(
        "D:x...x...x...x...",
        "D:x...x...x...x... P:....o.......o...",
        "D:x...x.o.x...x.o. P:....x.......x...",
        "D:x...x.o.x...x.o. P:....x.......x... S:......g.......g.",
        "D:X...x.x.x...x.x. P:....x.......x... S:..g...g.....g... K:x.......o.......",
        "D:X...X.x.x...X.x. P:....x.......x... S:..g...x.g...x.g. K:x.....o.o.....o. R:............x...",
    ),
    Style.FUNK: _all(
        "K:x.......x....... H:o...o...o...o...",
        "K:X.....x...x..... S:....x.......x... H:x.o.x.o.x.o.x.o.",
        "K:X.....x...x..... S:....X..g.g..X... H:x.o.x.o.x.o.x.o.",
        "K:X..x..x...x..x.. S:....X..g.g..X..g H:xoxoxoxoxoxoxo.o O:..............x.",
        "K:X.xX..x...x..x.. S:....X..g.g.gX..g H:xoxoxoxoxoxox.xo O:.............x.. W:x...x...x...x...",
        "K:X.x...xx..x..x.x S:.g..X..g.g.gX.gg H:xoxoxo.oxoxoxo.o "
        "O:......x.......x. B:....x.......x... G:..x..x.x..x..x.x",
    ),
    Style.CHIPTUNE: _all(
        "H:x...x...x...x...",
        "K:x.......x....... H:..x...x...x...x.",
        "K:X.......X....... S:....X.......X...",
        "K:X.....x.X....... S:....X.......X... H:x.x.x.x.x.x.x.x.",
        "K:X..x..x.X.x..... S:....X.......X..x H:x.x.x.x.x.x.x.x.",
        "K:X.x.X.x.X.x.X.x. S:....X..x....X.xx H:xxxxxxxxxxxxxxxx",
    ),
}

_THREE_BAND = _all(
    "H:o...o...o...",
    "K:x........... R:....o...o...",
    "K:X........... S:....x...x... H:x...x...x...",
    "K:X.......x... S:....X...X.g. H:x.o.x.o.x.o.",
    "K:X..x....x... S:....X..gX.g. H:x.o.x.o.x.o. B:....x...x...",
)
_THREE_JAZZ = _all(
    "D:x...x...x...", "D:x...x.o.x... P:....x.......", "D:x...x.o.x.o. P:....x...x... S:......g...g. K:o..........."
)
_THREE_DRUM = _all(
    "F:x...........",
    "F:x.......x...",
    "F:X.......x.x. K:X...........",
    "F:X.xxx.x.X.xx K:X.......X... L:....x.....xx",
    "F:X.xxX.xxX.xx K:X...X...X... S:....X...X.gg L:..x...x...xx",
)
_SIX_BAND = _all(
    "A:o.o.o.o.o.o.",
    "K:x........... R:......x.....",
    "K:X........... S:......x..... H:x.o.o.x.o.o.",
    "K:X...x....... S:......X...g. H:x.o.o.x.o.o.",
    "K:X...x....x.. S:......X..g.g H:x.x.x.x.x.x. B:......x.....",
)
_SIX_DRUM = _all(
    "F:x...........",
    "F:x.....x.....",
    "F:X...x.X...x. K:X...........",
    "F:X.x.x.X.x.x. K:X.....X..... L:..........xx",
    "F:X.xxx.X.xxx. K:X...x.X...x. S:......X...gg L:..x.....x.xx",
)
_DRUMMED = (Style.CINEMATIC, Style.TENSION, Style.EPIC)
_UNDRUMMED = (Style.AMBIENT, Style.ACOUSTIC, Style.ROMANTIC)


def grooves(style: Style, steps: int, compound: bool) -> tuple[Groove, ...]:
    """The grooves of a style in 4/4 (16 steps), 3/4 or, when `compound`, 6/8; none for styles without drums."""
    if style in _UNDRUMMED:
        return ()
    if steps == 16:
        return FOUR[style]
    if style in _DRUMMED:
        return _SIX_DRUM if compound else _THREE_DRUM
    if compound:
        return _SIX_BAND
    return _THREE_JAZZ if style is Style.JAZZ else _THREE_BAND


#: Fills for the end of a phrase: they replace the last steps of the bar (the length of the text).
FILLS: Mapping[Style, tuple[Groove, ...]] = {
    Style.CINEMATIC: _all("F:x.xx L:..x.", "F:x...x.xx L:......x.", "F:x.x.x.xx", "S:g.gogoxX"),
    Style.TENSION: _all("F:x.xx", "F:x..x..xx L:.......x", "S:ggggooxx"),
    Style.EPIC: _all(
        "F:XxxxXxxx L:..xx..xx", "F:X.X.XXXX S:....xxXX", "T:xx..xx.. L:..xx..xx F:....x..x", "K:X...X.X. S:xxxxXXXX"
    ),
    Style.LOFI: _all("S:x.xg", "K:x... S:..xx", "S:..g.x.gx K:x......."),
    Style.CORPORATE: _all("S:..xX", "T:xx.. L:..xx", "S:x.xxX.XX", "C:x.x.x.xx"),
    Style.FOLK: _all("S:..xx", "F:x.xx", "T:x.x. F:..xx", "S:x.x.x.xx"),
    Style.HOUSE: _all("C:x.xx", "S:..x.x.xx", "S:..xx", "T:..x. L:x..x"),
    Style.SYNTHWAVE: _all("T:xx.. L:..xx", "T:xxx..... L:...xx... F:.....xxx", "S:x.x.xxxx", "S:XX.X"),
    Style.JAZZ: _all("S:o.x.", "S:..xg", "S:o.og T:..x.", "S:x..x..x. K:...x...."),
    Style.FUNK: _all("S:x.xx", "S:xgxx", "S:..x.xxgx T:.......x", "T:xx.. L:..xx"),
    Style.CHIPTUNE: _all("S:xxxx", "S:x.xx", "T:xx..xx.. L:..xx..xx", "S:x.x.xxxx"),
}
