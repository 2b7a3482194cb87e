"""Patterns written as text, one sign a step: how grooves, figures and rhythms are kept as data."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Hit:
    """One sign of a pattern: where it starts, how long it lasts, what it says."""

    step: int
    duration: int
    sign: str


@lru_cache(maxsize=4096)
def hits(text: str, steps: int) -> tuple[Hit, ...]:
    """The hits of a bar: `.` is silence, `-` holds, anything else starts; a longer pattern loses its last beat."""
    out: list[Hit] = []
    held = False
    for step, sign in enumerate(text[:steps]):
        if sign == "-" and held:
            last = out[-1]
            out[-1] = Hit(last.step, last.duration + 1, last.sign)
        elif sign in ".-":
            held = False
        else:
            out.append(Hit(step, 1, sign))
            held = True
    return tuple(out)


@lru_cache(maxsize=4096)
def split_at(text: str, steps: int, middle: int) -> tuple[Hit, ...]:
    """The same hits, with any that is held across `middle` struck again there: for bars with two chords."""
    out: list[Hit] = []
    for hit in hits(text, steps):
        end = hit.step + hit.duration
        if hit.step < middle < end:
            out += [Hit(hit.step, middle - hit.step, hit.sign), Hit(middle, end - middle, hit.sign)]
        else:
            out.append(hit)
    return tuple(out)


@lru_cache(maxsize=256)
def by_notes(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Figures ordered by how many notes they strike (`x` is four, `u` three, any other sign one)."""
    weight = {"x": 4, "X": 4, "u": 3, ".": 0, "-": 0}
    return tuple(sorted(patterns, key=lambda text: sum(weight.get(sign, 1) for sign in text)))


def pick(levels: tuple[str, ...], level: float, jitter: float = 0.0) -> str:
    """The pattern at a level 0..1 of a list from sparse to busy."""
    at = int((level + jitter) * len(levels))
    return levels[min(len(levels) - 1, max(0, at))]
