"""Bass lines by style, from sparse to busy, as patterns.

`R` is the root, `r` the same softly, `5` the fifth, `8` the octave, `3` the third, `7` the seventh, `a` an approach to
the next root; a line that is only `w` walks.
"""

from collections.abc import Mapping

from generators.score.style import Style
from training.arranger.figures import Figures

_BASS_SIX = ("R-----------", "R-----5-----", "R-----5---r-", "R---r-5---r-", "R-r-r-5-r-a-")
_BASS_THREE = ("R-----------", "R-------5---", "R---5---8---", "R---r-5---a-", "R-r-5-r-8-a-")

BASSES: Mapping[Style, Figures] = {
    Style.AMBIENT: Figures(("R---------------",), ("R-----------",), ("R-----------",)),
    Style.CINEMATIC: Figures(
        (
            "R---------------",
            "R---------------",
            "R-------R-------",
            "R-------5-------",
            "R-------5---8---",
            "R-R-R-R-R-R-R-R-",
        ),
        _BASS_THREE[:3],
        _BASS_SIX[:4],
    ),
    Style.TENSION: Figures(
        (
            "R---------------",
            "R-......R-......",
            "R---------a---..",
            "R.R.....R.R.....",
            "R.r.r.r.R.r.r.r.",
            "R.rrR.rrR.rrR.rr",
        ),
        ("R-----------", "R-..R-......", "R.r.r.r.r.r."),
        ("R-----------", "R.r.r.R.r.r."),
    ),
    Style.EPIC: Figures(
        (
            "R---------------",
            "R-------R-------",
            "R---R---R---R---",
            "R..r..r.R..r..r.",
            "R.R.R.R.R.R.R.R.",
            "R.rrR.rrR.rrR.rr",
        ),
        ("R-----------", "R---R---R---", "R.rrR.rrR.rr"),
        ("R-----R-----", "R.r.r.R.r.r.", "R.rrR.R.rrR."),
    ),
    Style.LOFI: Figures(
        (
            "R---------------",
            "R---------5-----",
            "R-----R---------",
            "R-----r---5---..",
            "R--r----..5-8---",
            "R--r--5-..r-8-a-",
        )
    ),
    Style.CORPORATE: Figures(
        (
            "R---------------",
            "R-------R-------",
            "R-----R-R-------",
            "R---R---R---R---",
            "R-r-r-r-R-r-r-r-",
            "R-r-r-8-R-r-5-a-",
        ),
        _BASS_THREE,
        _BASS_SIX,
    ),
    Style.FOLK: Figures(
        ("R---------------", "R-------5-------", "R-----r-5-------", "R---..r-5---..a-", "R---5---R---5-a-"),
        _BASS_THREE,
        _BASS_SIX,
    ),
    Style.ACOUSTIC: Figures(
        ("R---------------", "R-------R-------", "R-------5-------", "R-----r-5-------"), _BASS_THREE[:3], _BASS_SIX[:3]
    ),
    Style.HOUSE: Figures(
        (
            "R-......R-......",
            "..R-..R-..R-..R-",
            "R..R..R...R...R.",
            "R.8.R.8.R.8.R.8.",
            "..R8..R8..R8..R8",
            "R.rR..rRR.r8..rR",
        )
    ),
    Style.SYNTHWAVE: Figures(
        (
            "R---------------",
            "R-------R-------",
            "R-R-R-R-R-R-R-R-",
            "R.R.R.R.R.R.R.R.",
            "R.8.R.8.R.8.R.8.",
            "RrRrRrRrRrRrRrRr",
            "RR8RRR8RRR8RRR8R",
        )
    ),
    Style.JAZZ: Figures(
        ("R-------5-------", "R-------5-----a-", "w", "w"), ("R-----------", "R-------5---", "w"), _BASS_SIX
    ),
    Style.FUNK: Figures(
        (
            "R-......R-......",
            "R-....r-..5-8-..",
            "R--r....R-8...a-",
            "R..r..8.R..r7.8.",
            "R.rR..8.rR.r7.8a",
            "R.8rR.r7R.8r.r5a",
        )
    ),
    Style.CHIPTUNE: Figures(
        (
            "R-------5-------",
            "R---5---R---5---",
            "R-R-5-5-R-R-5-5-",
            "R.8.R.8.R.8.R.8.",
            "R-8-5-8-R-8-5-8-",
            "RR88RR88RR8855aa",
        ),
        ("R---5---5---", "R.8.5.8.5.8."),
        _BASS_SIX,
    ),
    Style.ROMANTIC: Figures(
        ("R---------------", "R---------------", "R-------5-------", "R-------3---5---"),
        ("R-----------", "R-----------", "R-------5---"),
        _BASS_SIX[:3],
    ),
}
#: For a metre that a style has no lines for.
PLAIN_BASSES = Figures((), _BASS_THREE, _BASS_SIX)
