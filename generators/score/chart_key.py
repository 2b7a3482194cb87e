"""The key that a chart is in, from its chords alone."""

from itertools import pairwise

from generators.score.chart import Chart, Symbol
from generators.score.score import Chord, Key, Mode, Quality

TONIC_SHARE = 0.6  # of all chords being the tonic triad
BEGINS, ENDS, RETURNS = 0.25, 0.12, 0.2  # on the tonic; and a dominant that leads to it, as ears are led
_MINOR_LIKE = frozenset({Quality.MIN, Quality.MIN7})
_MAJOR_LIKE = frozenset({Quality.MAJ, Quality.MAJ7, Quality.SUS2, Quality.SUS4})
_DOMINANT = frozenset({Quality.MAJ, Quality.DOM7})


def key_of_chart(chart: Chart, mode: Mode | None = None) -> Key:
    """The key, of one mode where that is known, whose scale holds the chords and to whose tonic they come home.

    The rule is our own: the share of chord tones in the scale (in minor with the raised seventh of its dominant), plus
    a bonus each for beginning and ending on the tonic, for every return from the dominant and for how often it sounds.
    """
    halves = [half for bar in (*chart.bars, *(b for _, bars in chart.forms for b in bars)) for half in bar]
    keys = [Key(tonic, m) for m in Mode if mode in (None, m) for tonic in range(12)]
    return max(keys, key=lambda key: _fit(key, halves))


def _fit(key: Key, halves: list[Symbol]) -> float:
    chords = [h.chord for h in halves]
    inside = sum(len(c.pitch_classes & _scale(key, c)) / len(c.pitch_classes) for c in chords) / len(chords)
    home = [_is_tonic(c, key) for c in chords]
    returns = sum(_is_dominant(a, key) and t for a, t in zip(chords, home[1:], strict=False))
    changes = sum(a != b for a, b in pairwise(chords)) or 1
    total = 3.0 * inside + TONIC_SHARE * sum(home) / len(home)
    return total + BEGINS * home[0] + ENDS * home[-1] + RETURNS * min(1.0, 2.0 * returns / changes)


def _scale(key: Key, chord: Chord) -> frozenset[int]:
    raised = {(key.tonic + 11) % 12} if key.mode is Mode.MINOR and _is_dominant(chord, key) else set()
    return key.scale | raised


def _is_tonic(chord: Chord, key: Key) -> bool:
    like = _MAJOR_LIKE if key.mode is Mode.MAJOR else _MINOR_LIKE
    return chord.root == key.tonic and chord.quality in like


def _is_dominant(chord: Chord, key: Key) -> bool:
    return chord.root == (key.tonic + 7) % 12 and chord.quality in _DOMINANT
