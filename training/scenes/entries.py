"""Entries of the bank's files: what may stand in them, where it stands, and what is wrong with it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

from generators.render.palettes import PALETTES
from generators.score.style import Style
from training.moods import Mood
from training.scenes.faults import BadScene, level

SLOWEST_BPM, FASTEST_BPM = 40.0, 200.0
FREE_TEMPO_BPM = 120.0  # a range wider than this is no wish
LEVELS = ("tension", "density", "brightness", "major")


class Entry(TypedDict, total=False):
    """A family's table in a TOML file; only `mood` and `styles` must be there."""

    mood: list[float]
    tempo: list[float]
    tension: float
    density: float
    brightness: float
    major: float
    styles: str
    palette: str
    words: str
    outdoors: bool
    feelings: bool
    topics: str
    acts: str
    lines: str
    things: str
    qualities: str
    doings: str


#: What a value is in TOML, and how it is written; any other key is a text.
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "mood": (list, "mood = [0.8, 0.3], which is valence and arousal"),
    "tempo": (list, "tempo = [60, 90]"),
    "styles": (str, 'styles = "jazz 2, lofi 1"'),
    "outdoors": (bool, "outdoors = true"),
    "feelings": (bool, "feelings = true"),
    **{key: ((int, float), f"{key} = 0.4") for key in LEVELS},
}


@dataclass(frozen=True)
class File:
    """A TOML file of families with its text, so that a fault can be told by its line."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "File":
        """A file as it is on disk.

        Raises:
            BadScene: the file is missing or no UTF-8.
        """
        try:
            return cls(path.name, path.read_text(encoding="utf-8"))
        except OSError as exc:
            raise BadScene(f"{path} cannot be read ({exc.strerror}); put it back") from exc
        except UnicodeDecodeError as exc:
            raise BadScene(f"{path.name}: byte {exc.start} is not UTF-8; save the file in that encoding") from exc

    def tables(self) -> dict[str, Entry]:
        """The entries by family.

        Raises:
            BadScene: the file is no TOML, an entry has an unknown key, lacks one, or has another kind of value.
        """
        try:
            tables: dict[str, Entry] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as exc:
            raise BadScene(f"{self.name}: {exc}; mend the TOML there") from exc
        for family, entry in tables.items():
            self._check(family, entry)
        return tables

    def _check(self, family: str, entry: object) -> None:
        if not isinstance(entry, dict):
            raise BadScene(f"{self.where(family, family)}: {family!r} stands outside any [family]; move it into one")
        for key, value in entry.items():
            if key not in Entry.__annotations__:
                known = ", ".join(Entry.__annotations__)
                raise BadScene(f"{self.where(family, key)}: unknown key {key!r}; known are {known}")
            kind, example = _KINDS.get(key, (str, f'{key} = "..."'))
            if not isinstance(value, kind):
                raise BadScene(f"{self.where(family, key)}: {key} cannot be {value!r}; write {example}")
        for key in ("mood", "styles"):
            if key not in entry:
                raise BadScene(f"{self.where(family)}: {key!r} is missing; write {_KINDS[key][1]}")

    def where(self, family: str, start: str = "") -> "Place":
        """The first line in a family's table that begins with `start`, or else holds it."""
        return Place(self, family, start)


@dataclass(frozen=True)
class Place:
    """Where something stands; looked for only when it is told."""

    file: File
    family: str
    start: str

    def __str__(self) -> str:
        """File, line and family."""
        rows = self.file.text.splitlines()
        head = next((i for i, row in enumerate(rows) if row.strip() == f"[{self.family}]"), 0)
        begins = (i for i, row in enumerate(rows[head:], head) if self.start and row.strip().startswith(self.start))
        holds = (i for i, row in enumerate(rows[head:], head) if self.start in row)
        return f"{self.file.name}, line {next(begins, next(holds, head)) + 1}, family {self.family}"


def mood_of(file: File, family: str, entry: Entry) -> Mood:
    """The mood of a family.

    Raises:
        BadScene: a number out of its range, or a style or palette that does not exist.
    """
    given: Mapping[str, object] = entry
    valence, arousal = pair(entry["mood"], file.where(family, "mood"))
    tension, density, brightness, major = (
        level(given[name], name, file.where(family, name)) if name in given else None for name in LEVELS
    )
    palette = entry.get("palette")
    if palette is not None and palette not in palettes():
        known = ", ".join(sorted(palettes()))
        raise BadScene(f"{file.where(family, 'palette')}: unknown palette {palette!r}; known are {known}")
    return Mood(
        valence,
        arousal,
        styles=styles_of(entry["styles"], file.where(family, "styles")),
        brightness=brightness,
        tempo_bpm=_tempo(entry["tempo"], file.where(family, "tempo")) if "tempo" in entry else None,
        major=major,
        tension=tension,
        density=density,
        palette=palette,
    )


def pair(numbers: Sequence[object], where: object) -> tuple[float, float]:
    """Valence and arousal.

    Raises:
        BadScene: not two, or outside 0..1.
    """
    if len(numbers) != 2:
        raise BadScene(f"{where}: valence and arousal are two numbers from 0 to 1, not {len(numbers)} of them")
    return level(numbers[0], "valence", where), level(numbers[1], "arousal", where)


def styles_of(text: str, where: object) -> dict[Style, float]:
    """Weights from text such as `jazz 2, lofi 1`.

    Raises:
        BadScene: an unknown style, one that comes twice, or a weight that is not above 0.
    """
    weights: dict[Style, float] = {}
    for item in text.split(","):
        name, _, weight = item.strip().partition(" ")
        if name not in set(Style):
            raise BadScene(f"{where}: unknown style {name!r}; known are {', '.join(Style)}")
        if Style(name) in weights:
            raise BadScene(f"{where}: {name} comes twice; give it one weight")
        weights[Style(name)] = level(weight, f"the weight of {name}", where, low=0.01, high=100.0)
    return weights


def rows_of(text: str) -> tuple[str, ...]:
    """The rows of a block that are not empty."""
    return tuple(row.strip() for row in text.splitlines() if row.strip())


@cache
def palettes() -> Mapping[str, Style]:
    """The names of all palettes that the renderer has, and the style of each."""
    return {palette.name: style for style, found in PALETTES.items() for palette in found}


def _tempo(given: list[float], where: object) -> tuple[float, float] | None:
    if len(given) != 2:
        raise BadScene(f"{where}: a tempo is two numbers from {SLOWEST_BPM:g} to {FASTEST_BPM:g}, not {given}")
    low, high = (level(bpm, "tempo", where, low=SLOWEST_BPM, high=FASTEST_BPM) for bpm in given)
    if low >= high:
        raise BadScene(f"{where}: tempo {low:g} to {high:g} is empty; the first number is the slower one")
    return None if high - low > FREE_TEMPO_BPM else (low, high)
