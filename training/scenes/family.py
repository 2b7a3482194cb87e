"""Scene families as they are written by hand: sentences, clauses and topics that share a mood."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from generators.score.style import Style
from training.moods import Mood

FILES = ("life", "drama", "land", "work")
HELD_OUT = "held_out"
FOLDER = Path(__file__).parent


class Entry(TypedDict, total=False):
    """A family's table in a TOML file."""

    mood: list[float]
    tempo: list[float]
    brightness: float
    major: float
    styles: str
    words: str
    outdoors: bool
    topics: str
    acts: str
    lines: str


@dataclass(frozen=True)
class Scene:
    """A sentence and the mood that music for it should have."""

    text: str
    family: str
    mood: Mood
    held_out: bool


@dataclass(frozen=True)
class Family:
    """Sentences of one kind of scene; `words` are those that only a held-out family may use."""

    name: str
    mood: Mood
    topics: tuple[str, ...]
    acts: tuple[str, ...]
    lines: tuple[tuple[str, Mood], ...]
    words: frozenset[str]
    outdoors: bool
    held_out: bool


def load_families(folder: Path = FOLDER) -> tuple[Family, ...]:
    """All families, the held-out ones last."""
    found: list[Family] = []
    for name in (*FILES, HELD_OUT):
        tables: dict[str, Entry] = tomllib.loads((folder / f"{name}.toml").read_text())
        found += [_family(key, entry, held_out=name == HELD_OUT) for key, entry in tables.items()]
    return tuple(found)


def parse_styles(text: str) -> dict[Style, float]:
    """Weights from text such as `jazz 2, lofi 1`."""
    pairs = (item.split() for item in text.split(",") if item.strip())
    return {Style(name): float(weight) for name, weight in pairs}


def _family(name: str, entry: Entry, *, held_out: bool) -> Family:
    valence, arousal = entry["mood"]
    low, high = entry["tempo"]
    mood = Mood(
        valence,
        arousal,
        styles=parse_styles(entry["styles"]),
        brightness=entry.get("brightness"),
        tempo_bpm=None if high - low > 120 else (low, high),
        major=entry.get("major"),
    )
    return Family(
        name,
        mood,
        topics=_rows(entry["topics"]),
        acts=_rows(entry["acts"]),
        lines=tuple(_line(row, mood) for row in _rows(entry["lines"])),
        words=frozenset(entry.get("words", "").split()),
        outdoors=entry.get("outdoors", False),
        held_out=held_out,
    )


def _rows(text: str) -> tuple[str, ...]:
    return tuple(row.strip() for row in text.splitlines() if row.strip())


def _line(row: str, mood: Mood) -> tuple[str, Mood]:
    text, _, own = row.partition(" | ")
    if not own:
        return row, mood
    valence, arousal = (float(v) for v in own.split())
    # the family's tempo, key and brightness belong to its own mood, not to the exception
    return text.strip(), replace(mood, valence=valence, arousal=arousal, tempo_bpm=None, major=None, brightness=None)
