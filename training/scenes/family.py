"""Scene families as they are written by hand: sentences, clauses and topics that share a mood."""

from dataclasses import dataclass, replace
from pathlib import Path

from training.moods import Mood
from training.scenes.entries import Entry, File, mood_of, pair, rows_of
from training.scenes.faults import BadScene

FILES = ("life", "drama", "land", "work", "people", "stage", "world", "turns", "contrasts", "words")
HELD_OUT = "held_out"
FOLDER = Path(__file__).parent

#: Sentences around single words; each word of a family stands alone and in one of these.
_FRAMES = {
    "things": ("a film about {0}", "{0}, short clip", "A scene with {0}.", "We see {0}.", "video of {0}"),
    "qualities": ("Everyone is {0}.", "It feels {0}.", "a {0} scene", "She is {0}.", "so {0}"),
    "doings": ("They {0}.", "We see how they {0}.", "In this scene they {0}.", "They {0}, that is all."),
}


@dataclass(frozen=True)
class Scene:
    """A sentence and the mood that music for it should have."""

    text: str
    family: str
    mood: Mood
    held_out: bool


@dataclass(frozen=True)
class Family:
    """Sentences of one kind of scene; `words` are those that only a held-out family may use.

    A family without topics is no more than its lines; with `feelings`, named feelings alone are added to them.
    """

    name: str
    mood: Mood
    topics: tuple[str, ...]
    acts: tuple[str, ...]
    lines: tuple[tuple[str, Mood], ...]
    words: frozenset[str]
    outdoors: bool
    feelings: bool
    held_out: bool


def load_families(folder: Path = FOLDER) -> tuple[Family, ...]:
    """All families, the held-out ones last.

    Raises:
        BadScene: an entry is out of range or cannot be read; it names the file, the line and the family.
    """
    found: dict[str, Family] = {}
    for name in (*FILES, HELD_OUT):
        file = File.read(folder / f"{name}.toml")
        for key, entry in file.tables().items():
            if key in found:
                raise BadScene(f"{file.where(key)}: another file has a family of this name; rename one of them")
            found[key] = _family(file, key, entry, held_out=name == HELD_OUT)
    return tuple(found.values())


def _family(file: File, name: str, entry: Entry, *, held_out: bool) -> Family:
    mood = mood_of(file, name, entry)
    topics, acts = rows_of(entry.get("topics", "")), rows_of(entry.get("acts", ""))
    own = (_line(file, name, row, mood) for row in rows_of(entry.get("lines", "")))
    lines = (*own, *((text, mood) for text in _framed(entry)))
    if bool(topics) != bool(acts) or len(acts) == 1:
        raise BadScene(f"{file.where(name)}: topics go with two acts or more; add what is missing, or have neither")
    if not (topics or lines):
        raise BadScene(f"{file.where(name)}: no sentence in it; add lines, or topics and acts")
    return Family(
        name,
        mood,
        topics=topics,
        acts=acts,
        lines=lines,
        words=frozenset(entry.get("words", "").split()),
        outdoors=entry.get("outdoors", False),
        feelings=entry.get("feelings", False),
        held_out=held_out,
    )


def _framed(entry: Entry) -> list[str]:
    """Every single word of an entry, alone and in a frame."""
    texts: list[str] = []
    for kind, frames in _FRAMES.items():
        words = [word.strip() for word in str(entry.get(kind, "")).split(",") if word.strip()]
        for i, word in enumerate(words):
            texts += [word, frames[i % len(frames)].format(word)]
    return texts


def _line(file: File, family: str, row: str, mood: Mood) -> tuple[str, Mood]:
    text, bar, own = row.partition("|")
    if not bar:
        return row, mood
    if not text.strip():
        raise BadScene(f"{file.where(family, row)}: {row!r} has no sentence; write it before the bar")
    valence, arousal = pair(own.split(), file.where(family, row))
    # the family's tempo, key and sound belong to its own mood, not to the exception
    return text.strip(), replace(
        mood,
        valence=valence,
        arousal=arousal,
        tempo_bpm=None,
        major=None,
        brightness=None,
        tension=None,
        density=None,
        palette=None,
    )
