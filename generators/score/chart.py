"""Chord charts: symbols as people write them, bar by bar, and how a chart is laid over the bars of a piece."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

from generators.errors import InvalidChart
from generators.score.score import FORMS, Chord, Form, Note, Quality, Role, Score, Section

MOST_BARS = 1_000
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_ROOT = re.compile(r"([A-G])([#b♯♭]?)")
#: How each quality may be written after the root; the first is how it is written back.
_SUFFIXES: Mapping[Quality, tuple[str, ...]] = {
    Quality.MAJ: ("", "maj", "M"),
    Quality.MIN: ("m", "min", "-"),
    Quality.DIM: ("dim", "°", "o"),
    Quality.AUG: ("aug", "+"),
    Quality.SUS2: ("sus2",),
    Quality.SUS4: ("sus4", "sus"),
    Quality.MAJ7: ("maj7", "M7", "Δ", "Δ7"),
    Quality.MIN7: ("m7", "min7", "-7"),
    Quality.DOM7: ("7",),
    Quality.HDIM7: ("m7b5", "m7♭5", "ø", "ø7", "hdim7"),
}
_QUALITIES = {suffix: quality for quality, suffixes in _SUFFIXES.items() for suffix in suffixes}
_ALLOWED = (
    "a root A to G with # or b, then nothing (major), m, dim, aug, sus2, sus4, maj7, m7, 7 or m7b5, "
    "and /note for another bass"
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A chord as a chart asks for it; `bass` is the pitch class after a slash, None for the root."""

    chord: Chord
    bass: int | None = None

    @property
    def text(self) -> str:
        """The symbol as it is usually written."""
        bass = "" if self.bass is None else f"/{_NAMES[self.bass]}"
        return f"{_NAMES[self.chord.root]}{_SUFFIXES[self.chord.quality][0]}{bass}"


Bar = tuple[Symbol, Symbol]  # the chords of its halves


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of a progression; `forms` holds those of the sections that have one of their own."""

    bars: tuple[Bar, ...]
    forms: tuple[tuple[Form, tuple[Bar, ...]], ...] = ()

    def over(self, sections: Sequence[Section]) -> tuple[Symbol, ...]:
        """Two symbols a bar: every section begins its progression anew and repeats it to its end."""
        own = dict(self.forms)
        return tuple(
            half for s in sections for bar in islice(cycle(own.get(s.form, self.bars)), s.bars) for half in bar
        )


def read_symbol(text: str, where: str = "the chart") -> Symbol:
    """One chord symbol, for example `F#m7` or `G7/B`.

    Raises:
        InvalidChart: naming the symbol, and what is allowed.
    """
    chord, slash, below = text.partition("/")
    root, bass = _ROOT.match(chord), _ROOT.fullmatch(below)
    quality = _QUALITIES.get(chord[root.end() :]) if root else None
    if root is None or quality is None or (slash and bass is None):
        raise InvalidChart(f"{where}: {text!r} is no chord that is known; write {_ALLOWED}")
    low = _pitch_class(bass) if bass else None
    found = Chord(_pitch_class(root), quality)
    return Symbol(found, None if low == found.root else low)


def read_chart(text: str) -> Chart:
    """A progression of one bar for each chord, `Am F C G`, or a chart with bar lines, `| Am | F G | C | G7/B |`.

    A line that begins with the name of a form, `B: F G`, is for the sections of that form; forms without one play what
    stands before all names, or else the first that is named. `%` is the bar before again; lines may be ended by `;`.

    Raises:
        InvalidChart: a symbol is unknown, a bar has more than two chords, or there are none.
    """
    named: dict[str, list[Bar]] = {}
    name = ""
    for line in (part.strip() for part in re.split(r"[;\n\r]", text)):
        head, colon, rest = line.rpartition(":")
        if colon:
            name = head.strip().lower()
            if name not in set(FORMS):
                raise InvalidChart(f"{head.strip()!r} names no form; begin the line with one of {', '.join(FORMS)}")
            if name in named:
                raise InvalidChart(f"the form {name!r} is there twice; keep one line of it")
        bars = named.setdefault(name, []) if rest or colon else []
        bars.extend(_bars_of(rest, f"form {name!r}" if name else "the chart", before=bars))
    filled = {name: tuple(bars) for name, bars in named.items() if bars}
    if not filled or any(name and not bars for name, bars in named.items()):
        raise InvalidChart("the chart holds no chords; write for example 'Am F C G' or '| Am | F G | C |'")
    if sum(map(len, filled.values())) > MOST_BARS:
        raise InvalidChart(f"the chart has more than {MOST_BARS} bars; give the progression once, it is repeated")
    forms = tuple((Form(name), bars) for name, bars in filled.items() if name)
    return Chart(next(iter(filled.values())), forms)


def with_basses(score: Score, symbols: Sequence[Symbol]) -> Score:
    """The score with slash chords in their inversion: where the bass plays the root, it plays the asked note."""
    half = score.metre.steps_per_bar // 2
    bass = [_turned(n, symbols[n.onset // half]) for n in score.parts.get(Role.BASS, ())]
    return replace(score, parts={**score.parts, Role.BASS: tuple(sorted(set(bass)))})


def _turned(note: Note, symbol: Symbol) -> Note:
    if symbol.bass is None or note.pitch % 12 != symbol.chord.root:
        return note
    pitch = note.pitch + (symbol.bass - note.pitch + 6) % 12 - 6
    return Note(note.onset, pitch if pitch >= 21 else pitch + 12, note.duration, note.velocity)


def texts_of(symbols: Sequence[Symbol]) -> tuple[str, ...]:
    """One text a bar: a chord, or two."""
    halves = [s.text for s in symbols]
    return tuple(a if a == b else f"{a} {b}" for a, b in zip(halves[::2], halves[1::2], strict=True))


def _bars_of(line: str, where: str, *, before: Sequence[Bar]) -> list[Bar]:
    cells = [cell.strip() for cell in line.strip().strip("|[]").split("|")] if "|" in line else line.split()
    found = list(before)
    for number, cell in enumerate(cells, len(before) + 1):
        if cell == "%" and found:
            found.append(found[-1])
            continue
        symbols = [read_symbol(text, f"{where}, bar {number}") for text in cell.split()]
        if not 1 <= len(symbols) <= 2:
            raise InvalidChart(f"{where}, bar {number}: holds {len(symbols)} chords ({cell!r}); a bar has one or two")
        found.append((symbols[0], symbols[-1]))
    return found[len(before) :]


def _pitch_class(found: re.Match[str]) -> int:
    return (_LETTERS[found[1]] + _SIGNS[found[2]]) % 12
