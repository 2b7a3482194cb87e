"""First-order statistics of harmony: which Roman numeral follows which, in major and in minor.

Sources: McGill Billboard (Burgoyne, Wild, Fujinaga, ISMIR 2011) and a table of chord progressions.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from generators.score.score import Chord, Mode, Quality
from training.corpus.archive import members

BILLBOARD_ARCHIVE = "billboard-chords.tar.xz"
PROGRESSIONS_FILE = "progressions.csv"
_NAMES = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")
_SMALL = frozenset({Quality.MIN, Quality.DIM, Quality.MIN7, Quality.HDIM7})
_SUFFIX = {
    Quality.DIM: "o",
    Quality.AUG: "+",
    Quality.SUS2: "sus2",
    Quality.SUS4: "sus4",
    Quality.MAJ7: "maj7",
    Quality.MIN7: "7",
    Quality.DOM7: "7",
    Quality.HDIM7: "h",
}
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOL = re.compile(r"^([A-G])([#b]*):([a-z]+)?(\d+)?")
_TOKEN = re.compile(r"^(b|#)?([IV]+|[iv]+)(.*)$")
_DEGREES = ("I", "II", "III", "IV", "V", "VI", "VII")
_SCALES = {Mode.MAJOR: (0, 2, 4, 5, 7, 9, 11), Mode.MINOR: (0, 2, 3, 5, 7, 8, 10)}


@dataclass(frozen=True)
class Transitions:
    """For every mode and numeral the numerals that follow, with counts; repeated chords count once."""

    counts: dict[Mode, dict[str, Counter[str]]]

    @classmethod
    def of(cls, songs: Iterable[tuple[Mode, list[Chord]]]) -> "Transitions":
        """Count songs given as mode and chords above a tonic of 0."""
        counts: dict[Mode, dict[str, Counter[str]]] = {mode: defaultdict(Counter) for mode in Mode}
        for mode, chords in songs:
            names = [numeral(c) for c in chords]
            for a, b in pairwise(names):
                if a != b:
                    counts[mode][a][b] += 1
        return cls({mode: dict(table) for mode, table in counts.items()})

    def probabilities(self, mode: Mode, min_share: float = 0.01) -> dict[str, dict[str, float]]:
        """Following numerals with their shares, most frequent first; rarer ones than `min_share` are left out."""
        out = {}
        for name, row in sorted(self.counts[mode].items(), key=lambda item: -sum(item[1].values())):
            total = sum(row.values())
            out[name] = {b: round(n / total, 3) for b, n in row.most_common() if n / total >= min_share}
        return out


def numeral(chord: Chord) -> str:
    """A chord above a tonic of 0 as a Roman numeral: small for minor thirds, with a suffix for sevenths and others."""
    name = _NAMES[chord.root % 12]
    if chord.quality in _SMALL:
        flat, letters = ("b", name[1:]) if name[0] == "b" else ("", name)
        name = flat + letters.lower()
    return name + _SUFFIX.get(chord.quality, "")


def parse_symbol(symbol: str) -> Chord | None:
    """A chord in the syntax of Harte et al. (ISMIR 2005), such as `Ab:min7/5`; None for no chord."""
    found = _SYMBOL.match(symbol)
    if not found:
        return None
    letter, signs, shorthand, digits = found.groups()
    root = (_LETTERS[letter] + signs.count("#") - signs.count("b")) % 12
    return Chord(root, _shorthand(shorthand or "", digits or ""))


def _shorthand(name: str, digits: str) -> Quality:
    seventh = digits in ("7", "9", "11", "13")
    if name == "":
        return Quality.DOM7 if seventh else Quality.MAJ
    plain = {"min": Quality.MIN, "dim": Quality.DIM, "aug": Quality.AUG, "hdim": Quality.HDIM7, "minmaj": Quality.MIN}
    if name == "sus":
        return Quality.SUS2 if digits == "2" else Quality.SUS4
    if seventh and name in ("maj", "min"):
        return Quality.MAJ7 if name == "maj" else Quality.MIN7
    return plain.get(name, Quality.MAJ)


def billboard_song(text: str) -> tuple[Mode, list[Chord]]:
    """Mode and chords above the tonic; a song is minor when its tonic chords mostly are."""
    tonic = 0
    chords: list[Chord] = []
    for line in text.splitlines():
        if line.startswith("# tonic:"):
            name = line.split(":")[1].strip()
            tonic = (_LETTERS[name[0]] + name.count("#") - name.count("b")) % 12
        elif "|" in line:
            found = (parse_symbol(s) for s in line[line.index("|") : line.rindex("|")].split())
            chords += [c.transposed(-tonic) for c in found if c]
    small = sum(c.root == 0 and c.quality in _SMALL for c in chords)
    large = sum(c.root == 0 and c.quality not in _SMALL for c in chords)
    return Mode.MINOR if small > large else Mode.MAJOR, chords


def read_billboard(data: Path) -> Iterator[tuple[Mode, list[Chord]]]:
    """All songs of the Billboard archive."""
    for _, content in members(data / BILLBOARD_ARCHIVE, "salami_chords.txt"):
        yield billboard_song(content.decode("utf-8"))


def parse_numeral(token: str, mode: Mode) -> Chord | None:
    """A token of the progression table, such as `bVIIM` or `ivm7`, above a tonic of 0; None when it is none."""
    found = _TOKEN.match(token)
    if not found or found[2].upper() not in _DEGREES:
        return None
    sign, letters, rest = found.groups()
    degree = _DEGREES.index(letters.upper())
    root = (_SCALES[mode if not sign else Mode.MAJOR][degree] + {"b": -1, "#": 1, None: 0}[sign]) % 12
    return Chord(root, _suffix(rest, letters.islower(), root, mode))


def _suffix(rest: str, small: bool, root: int, mode: Mode) -> Quality:
    if small and not rest and root == (11 if mode is Mode.MAJOR else 2):
        return Quality.DIM
    for name, quality in (("sus2", Quality.SUS2), ("sus4", Quality.SUS4), ("dom7", Quality.DOM7), ("dim", Quality.DIM)):
        if name in rest:
            return quality
    minor = rest.startswith("m") or (small and not rest.startswith("M"))
    if rest.lstrip("mM").startswith(("7", "9")):
        if minor:
            return Quality.MIN7
        return Quality.DOM7 if root == 7 else Quality.MAJ7
    return Quality.MIN if minor else Quality.MAJ


def read_progressions(data: Path) -> Iterator[tuple[Mode, list[Chord]]]:
    """All progressions of the table, each as a loop; modal ones count as major when their first chord is."""
    for row in csv.DictReader(io.StringIO((data / PROGRESSIONS_FILE).read_text("utf-8"))):
        mode = Mode.MINOR if row["scale"].startswith("min") else Mode.MAJOR
        chords = [c for token in row["chords"].split() if (c := parse_numeral(token, mode))]
        if chords:
            yield mode, [*chords, chords[0]]
