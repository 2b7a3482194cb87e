"""Chord voicings that move as little as they can."""

from functools import lru_cache
from itertools import pairwise

from generators.score.score import INTERVALS, Chord, Quality

_SEVENTHS = (Quality.MAJ7, Quality.MIN7, Quality.DOM7, Quality.HDIM7)
_NINTHS = (Quality.MAJ, Quality.MIN, Quality.MAJ7, Quality.MIN7)


@lru_cache(maxsize=65536)
def voice(chord: Chord, centre: int, voices: int, before: tuple[int, ...] = (), ninth: bool = False) -> tuple[int, ...]:
    """Pitches, low to high, near `centre` and near the voicing `before`.

    Three voices of a seventh chord leave the fifth out; `ninth` puts the ninth in the place of the root.
    """
    classes = _classes(chord, voices, ninth)
    best: tuple[int, ...] = ()
    best_cost = 1e9
    for shape in _shapes(classes, centre):
        cost = _cost(shape, centre, before)
        if cost < best_cost:
            best, best_cost = shape, cost
    return best


def _classes(chord: Chord, voices: int, ninth: bool) -> tuple[int, ...]:
    intervals = list(INTERVALS[chord.quality])
    if chord.quality in _SEVENTHS and voices <= 3:
        intervals.remove(6 if chord.quality is Quality.HDIM7 else 7)
    if ninth and chord.quality in _NINTHS:
        if len(intervals) >= 4 or voices <= 3:
            intervals[0] = 2
        else:
            intervals.append(2)
    while len(intervals) < voices:
        intervals.append(0 if 0 in intervals else 7)
    return tuple((chord.root + i) % 12 for i in intervals[: max(voices, 3)])


def _shapes(classes: tuple[int, ...], centre: int) -> list[tuple[int, ...]]:
    """Close positions on every inversion, and the same with the second voice from the top an octave lower."""
    order = sorted(set(classes))
    out = []
    for first in range(len(order)):
        ring = order[first:] + order[:first]
        for base in (centre // 12 - 2, centre // 12 - 1, centre // 12):
            pitches = [12 * base + ring[0]]
            for pitch_class in ring[1:]:
                pitches.append(pitches[-1] + (pitch_class - pitches[-1]) % 12)
            while len(pitches) < len(classes):
                pitches.append(pitches[len(pitches) - len(order)] + 12)
            out.append(tuple(pitches))
            if len(pitches) >= 4:
                out.append(tuple(sorted([*pitches[:-2], pitches[-2] - 12, pitches[-1]])))
    return out


def _cost(shape: tuple[int, ...], centre: int, before: tuple[int, ...]) -> float:
    cost = 0.6 * abs(sum(shape) / len(shape) - centre)
    if before:
        cost += sum(min(abs(p - q) for q in before) for p in shape)
        cost += 0.5 * abs(shape[-1] - before[-1])
    if shape[0] < 48:  # close intervals are mud down there
        cost += sum(3.0 for low, high in pairwise(shape) if low < 48 and high - low < 5)
    cost += sum(6.0 for low, high in pairwise(shape) if high - low == 1)
    return cost
