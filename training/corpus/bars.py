"""Bars of a MIDI file: metres joined or paired into the three that a score knows."""

from dataclasses import dataclass
from fractions import Fraction

from generators.score.score import Metre

#: (numerator, denominator) -> the score's metre and how many of its bars one written bar fills
METRES: dict[tuple[int, int], tuple[Metre, Fraction]] = {
    (4, 4): (Metre.FOUR_FOUR, Fraction(1)),
    (2, 2): (Metre.FOUR_FOUR, Fraction(1)),
    (8, 4): (Metre.FOUR_FOUR, Fraction(2)),
    (2, 4): (Metre.FOUR_FOUR, Fraction(1, 2)),
    (4, 8): (Metre.FOUR_FOUR, Fraction(1, 2)),
    (3, 4): (Metre.THREE_FOUR, Fraction(1)),
    (6, 4): (Metre.THREE_FOUR, Fraction(2)),
    (6, 8): (Metre.SIX_EIGHT, Fraction(1)),
    (12, 8): (Metre.SIX_EIGHT, Fraction(2)),
    (3, 8): (Metre.SIX_EIGHT, Fraction(1, 2)),
}
MIN_BARS = 8
IDEAL_BARS = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """A time signature from a tick on."""

    tick: int
    numerator: int
    denominator: int

    def bar_ticks(self, per_quarter: int) -> int:
        """Length of one bar in ticks."""
        return per_quarter * 4 * self.numerator // self.denominator


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive bars of one metre, starting on a downbeat."""

    metre: Metre
    start_tick: int
    bars: int

    def bar_ticks(self, per_quarter: int) -> int:
        """Length of one bar in ticks."""
        return per_quarter * (4 if self.metre is Metre.FOUR_FOUR else 3)


@dataclass(frozen=True, slots=True)
class _Bar:
    start: int
    ticks: int
    metre: tuple[int, int]


def runs(signatures: list[Signature], end_tick: int, per_quarter: int) -> list[Run]:
    """Runs of at least `MIN_BARS` bars in a metre that a score knows; 4/4 is assumed where no signature is given."""
    given = sorted(signatures, key=lambda s: s.tick)
    if not given or given[0].tick > 0:
        given = [Signature(0, 4, 4), *given]
    found: list[Run] = []
    metre: Metre | None = None
    filled, start = Fraction(0), 0
    for bar in [*_joined(_bars(given, end_tick, per_quarter)), None]:
        now, share = METRES.get(bar.metre, (None, Fraction(0))) if bar else (None, Fraction(0))
        if now is not metre or now is None:
            if metre is not None and filled >= MIN_BARS:
                found.append(Run(metre, start, int(filled)))
            metre, filled, start = now, Fraction(0), bar.start if bar else 0
        filled += share
    return found


def excerpts(run: Run, per_quarter: int) -> list[Run]:
    """The run cut into excerpts of whole 8-bar units, near 32 bars each and never over 64."""
    count = max(1, round(run.bars / IDEAL_BARS))
    size = -(-run.bars // count // 8) * 8
    starts = list(range(0, run.bars, size))
    if len(starts) > 1 and run.bars - starts[-1] < MIN_BARS:
        starts.pop()
    ends = [*starts[1:], run.bars]
    return [
        Run(run.metre, run.start_tick + a * run.bar_ticks(per_quarter), b - a)
        for a, b in zip(starts, ends, strict=True)
    ]


def _bars(signatures: list[Signature], end_tick: int, per_quarter: int) -> list[_Bar]:
    out: list[_Bar] = []
    for here, until in zip(signatures, [*(s.tick for s in signatures[1:]), end_tick], strict=True):
        ticks = max(here.bar_ticks(per_quarter), 1)
        out += [_Bar(t, ticks, (here.numerator, here.denominator)) for t in range(here.tick, until, ticks)]
    return out


def _joined(bars: list[_Bar]) -> list[_Bar]:
    """Short bars that together fill a bar of the piece's main metre (a repeat sign inside a bar) become that bar."""
    weight: dict[tuple[tuple[int, int], int], int] = {}
    for bar in bars:
        weight[bar.metre, bar.ticks] = weight.get((bar.metre, bar.ticks), 0) + bar.ticks
    if not weight:
        return bars
    metre, ticks = max(weight, key=lambda k: weight[k])
    out: list[_Bar] = []
    i = 0
    while i < len(bars):
        total, j = 0, i
        while j < len(bars) and bars[j].ticks < ticks and total < ticks:
            total += bars[j].ticks
            j += 1
        if total == ticks and j > i + 1:
            out.append(_Bar(bars[i].start, ticks, metre))
            i = j
        else:
            out.append(bars[i])
            i += 1
    return out
