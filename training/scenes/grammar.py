"""New sentences from a family's clauses and topics: feelings, weather, shots, turns, and how people really type."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from generators.score.style import Style
from training.moods import Mood
from training.scenes.entries import File, pair, styles_of
from training.scenes.family import FOLDER, Family
from training.scenes.faults import BadScene, level

FEELING_PULL = 0.6  # how far a named feeling draws a scene's mood to its own
OVERRIDE_PULL = 0.85  # and how far when it is said to matter more than the scene

Shift = tuple[float, float, float]  # of valence, arousal, brightness

_WITH_FEELING = (
    "{topic}, {feeling}",
    "{topic}, {feeling} and {second}",
    "a {feeling} film about {topic}",
    "video of {topic}, mood: {feeling}",
    "something {feeling} for {topic} please",
    "{feeling} scene: {topic}",
    "{topic} idk something {feeling}",
    "In this {feeling} scene {act}.",
    "{Act}. It all feels {feeling}.",
    "{Act}. The mood is {feeling}, almost {second}.",
)
_OVERRIDE = (
    "{topic} but make it {feeling}",
    "{topic}, yet strangely {feeling}",
    "{topic}, only the mood is {feeling} this time",
    "{Act}, but the music should be {feeling}.",
)
_PLAIN = (
    "{topic}",
    "{topic}, short clip",
    "a video about {topic}",
    "need music for my clip of {topic}",
    "its about {topic}, nothing else",
    "{Act}.",
    "{act}",
    "We see how {act}.",
    "The scene opens: {act}.",
    "{Act}. {Other}.",
    "{Act}, while {other}.",
    "First {act}, then {other}.",
    "The film is about {topic}: {act}.",
)
_SHIFTED = (
    "{Act} {shift}.",
    "{Shift} {act}.",
    "{topic} {shift}",
    "{topic}, {shift}: {act}",
)
_TAILED = ("{Act}, {tail}.", "{Act}, {tail}.", "{Act} {shift}, {tail}.")


@dataclass(frozen=True)
class Modifiers:
    """Phrases and what they do: feelings as moods, circumstances as shifts."""

    feelings: tuple[tuple[str, Mood], ...]
    outdoors: tuple[tuple[str, Shift], ...]
    indoors: tuple[tuple[str, Shift], ...]
    tails: tuple[tuple[str, Shift], ...]


def load_modifiers(folder: Path = FOLDER) -> Modifiers:
    """Read `modifiers.toml`.

    Raises:
        BadScene: the file is no TOML, lacks a table, or a mood or shift in it cannot be read.
    """
    times, shots, weather, tails = (
        tuple((phrase, _shift(text, where)) for phrase, text, where in _rows(folder, name))
        for name in ("times", "shots", "outdoors", "tails")
    )
    feelings = tuple((word, _feeling(text, where)) for word, text, where in _rows(folder, "feelings"))
    return Modifiers(feelings, weather, times + shots, tails)


def expand(family: Family, modifiers: Modifiers, rng: Random) -> tuple[str, Mood]:
    """One sentence of a family, drawn at random, with its mood."""
    if not family.topics:
        return _feeling_only(modifiers, rng)
    act, other = rng.sample(family.acts, 2)
    words = {"topic": rng.choice(family.topics), "act": act, "other": other}
    mood = family.mood
    kind = rng.random()
    if kind < 0.34:
        (feeling, at), (second, also) = rng.sample(modifiers.feelings, 2)
        over = rng.random() < 0.35
        pattern = rng.choice(_OVERRIDE if over else _WITH_FEELING)
        mood = pulled(mood, at, OVERRIDE_PULL if over else FEELING_PULL)
        if "{second}" in pattern:
            mood = pulled(mood, also, 0.35)
        words |= {"feeling": feeling, "second": second}
    elif kind < 0.62:
        pattern = rng.choice(_PLAIN)
    else:
        phrase, shift = rng.choice(modifiers.indoors + (modifiers.outdoors if family.outdoors else ()))
        pattern = rng.choice(_SHIFTED if kind < 0.85 else _TAILED)
        if "{shift}" in pattern.lower():
            mood = shifted(mood, shift)
        tail, turn = rng.choice(modifiers.tails)
        if "{tail}" in pattern:
            mood = shifted(mood, turn)
        words |= {"shift": phrase, "tail": tail}
    return typed(pattern.format(**words, **{k.capitalize(): _capital(v) for k, v in words.items()}), rng), mood


def pulled(mood: Mood, to: Mood, share: float) -> Mood:
    """A mood drawn towards another; its tempo, key, tension and sound hold only as far as they are still its own."""
    return replace(
        mood,
        valence=_between(mood.valence, to.valence, share),
        arousal=_between(mood.arousal, to.arousal, share),
        styles=_blend(mood.styles, to.styles, share),
        brightness=None,
        tempo_bpm=None,
        major=None,
        tension=None,
        density=None,
        palette=None,
    )


def shifted(mood: Mood, by: Shift) -> Mood:
    """A mood pushed a little; a push of arousal frees the tempo."""
    valence, arousal, brightness = by
    return replace(
        mood,
        valence=_unit(mood.valence + valence),
        arousal=_unit(mood.arousal + arousal),
        brightness=None if mood.brightness is None else _unit(mood.brightness + brightness),
        tempo_bpm=mood.tempo_bpm if abs(arousal) < 0.1 else None,
        major=mood.major if abs(valence) < 0.1 else None,
        tension=None if mood.tension is None else _unit(mood.tension + (arousal - valence) / 2),
        density=None if mood.density is None else _unit(mood.density + arousal / 2),
    )


def typed(text: str, rng: Random) -> str:
    """As people type it: mostly as written, sometimes without capitals and full stop."""
    return text.lower().rstrip(".") if rng.random() < 0.2 else text


def _feeling_only(modifiers: Modifiers, rng: Random) -> tuple[str, Mood]:
    (feeling, at), (second, also) = rng.sample(modifiers.feelings, 2)
    pattern = rng.choice(
        ("{0} and {1}", "{0}", "{0}, {1}", "very {0}", "a {0} scene", "a {0}, {1} video", "it should feel {0}",
         "The mood is {0}.", "Music for a {0} moment.", "{0}, a little {1}", "I want it {0} but also {1}.")
    )  # fmt: skip
    mood = pulled(at, also, 0.4) if "{1}" in pattern else at
    return pattern.format(feeling, second), mood


def _feeling(text: str, where: str) -> Mood:
    at, _, styles = text.partition(";")
    valence, arousal = pair(at.split(), where)
    return Mood(valence, arousal, styles=styles_of(styles, where))


def _shift(text: str, where: str) -> Shift:
    given = text.split()
    if len(given) != 3:
        raise BadScene(f"{where}: a shift is three numbers, of valence, arousal and brightness, not {text!r}")
    valence, arousal, brightness = (
        level(number, f"the shift of {name}", where, low=-1.0)
        for number, name in zip(given, ("valence", "arousal", "brightness"), strict=True)
    )
    return valence, arousal, brightness


def _rows(folder: Path, table: str) -> list[tuple[str, str, str]]:
    """Each phrase of a table with what it says and where that stands."""
    file = File.read(folder / "modifiers.toml")
    try:
        rows = tomllib.loads(file.text)[table]
    except tomllib.TOMLDecodeError as exc:
        raise BadScene(f"{file.name}: {exc}; mend the TOML there") from exc
    except KeyError as exc:
        raise BadScene(f"{file.name}: the table [{table}] is missing; add it") from exc
    return [(phrase, str(text), f"{file.name}, {table}, {phrase!r}") for phrase, text in rows.items()]


def _blend(a: Mapping[Style, float], b: Mapping[Style, float], share: float) -> dict[Style, float]:
    """Weights of both, each first brought to the sum 1."""
    total_a, total_b = sum(a.values()) or 1.0, sum(b.values()) or 1.0
    names = [s for s in Style if s in a or s in b]
    return {s: (1 - share) * a.get(s, 0.0) / total_a + share * b.get(s, 0.0) / total_b for s in names}


def _between(a: float, b: float, share: float) -> float:
    return a + share * (b - a)


def _unit(x: float) -> float:
    return min(1.0, max(0.0, x))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
