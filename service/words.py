"""What a caption says outright: a tempo, a key, a metre or a style by its name."""

import re
from dataclasses import dataclass
from typing import get_args

from schemas.music import MetreName, StyleName

_TEMPO = re.compile(
    r"(?<![\w.])(\d{2,3}(?:\.\d+)?)[\s-]*(?:bpm\b|b\.p\.m\.|beats\s+(?:per|a)\s+minute\b)"
    r"|(?:\btempo(?:\s+of|\s*[:=])?|♩\s*=)\s*(\d{2,3}(?:\.\d+)?)(?![\w%]|\.\d)",
    re.IGNORECASE,
)
#: A small "a" is an article more often than a tonic: "in a minor key".
_KEY = re.compile(
    r"\b([A-Gb-g])((?i:[\s-]?sharp|[\s-]?flat)|#|b|♯|♭)?[\s-]+((?i:major|minor))\b"
    r"|\b(?:in|key of|key:)\s+([A-G])(#|b|♯|♭)?(m)(?:in)?\b"
)
_MODE = re.compile(
    r"\bin\s+(?:minor|major)(?=\s*(?:$|[.,;:!?]|and\b|with\b|for\b|at\b))"
    r"|\b(?:minor|major)[\s-](?:key|mode|scale|tonality)\b|\bkey: (?:minor|major)\b"
)
_METRES: tuple[tuple[str, MetreName], ...] = (("6/8", "6/8"), ("3/4", "3/4"), ("waltz", "3/4"), ("4/4", "4/4"))
_ALIASES: dict[str, StyleName] = {
    "lo-fi": "lofi",
    "chip tune": "chiptune",
    "8-bit": "chiptune",
    "orchestral": "cinematic",
    "trailer": "epic",
    "suspense": "tension",
    "synth wave": "synthwave",
    "retrowave": "synthwave",
    "jazzy": "jazz",
    "funky": "funk",
}
#: Beats a minute that words for tempo mean to most listeners; Italian ones by the metronome's usual scale.
_PACES: dict[str, float] = {
    "very slow": 54, "extremely slow": 50, "slow": 68, "unhurried": 72, "mid-tempo": 96, "midtempo": 96,
    "medium tempo": 96, "moderate tempo": 96, "walking pace": 92, "upbeat": 118, "up-tempo": 126, "uptempo": 126,
    "brisk": 126, "fast": 138, "fast-paced": 138, "very fast": 164, "extremely fast": 172, "breakneck": 172,
    "largo": 52, "adagio": 68, "andante": 84, "moderato": 104, "allegretto": 114, "allegro": 132, "vivace": 160,
    "presto": 176,
}  # fmt: skip
_ENERGIES: dict[str, float] = {
    "very calm": 0.12, "very gentle": 0.15, "very quiet": 0.12, "very soft": 0.15, "calm": 0.22, "gentle": 0.25,
    "soft": 0.25, "quiet": 0.22, "peaceful": 0.22, "low energy": 0.22, "relaxed": 0.32, "moderate energy": 0.5,
    "medium energy": 0.5, "lively": 0.65, "energetic": 0.72, "high energy": 0.78, "powerful": 0.78, "driving": 0.75,
    "intense": 0.8, "very energetic": 0.85, "explosive": 0.9, "very intense": 0.92,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a text asks for by name; None for what it leaves open. `major` is a mode without a tonic.

    `pace_bpm` and `energy` (0..1) are what words such as "slow" and "intense" mean, several words on the mean of them.
    """

    tempo_bpm: float | None = None
    pace_bpm: float | None = None
    energy: float | None = None
    key: str | None = None
    major: bool | None = None
    metre: MetreName | None = None
    style: StyleName | None = None


def wishes_in(text: str) -> Wishes:
    """Read the wishes of a caption; a tempo outside 40 to 200 is no wish."""
    tempo = _TEMPO.search(text)
    bpm = float(tempo.group(1) or tempo.group(2)) if tempo else None
    low = text.lower()
    return Wishes(
        tempo_bpm=bpm if bpm is not None and 40 <= bpm <= 200 else None,
        pace_bpm=_level_in(low, _PACES),
        energy=_level_in(low, _ENERGIES),
        key=_key_in(text),
        major=_mode_in(low),
        metre=next((metre for word, metre in _METRES if word in low), None),
        style=_style_in(low),
    )


def _level_in(low: str, words: dict[str, float]) -> float | None:
    """The mean level of all words that are there and not denied; longer phrases hide the words within them."""
    levels = []
    for word in sorted(words, key=len, reverse=True):
        pattern = rf"(?<!not )(?<!not too )(?<!not very )(?<!never )(?<![\w-]){re.escape(word)}(?![\w-])"
        low, times = re.subn(pattern, " ", low)
        if times:
            levels.append(words[word])
    return sum(levels) / len(levels) if levels else None


def _key_in(text: str) -> str | None:
    found = _KEY.search(text)
    if found is None:
        return None
    letter, sign, mode = found.group(1, 2, 3) if found.group(1) else found.group(4, 5, 6)
    said = (sign or "").lower().strip(" -")
    accidental = {"sharp": "#", "♯": "#", "#": "#", "flat": "b", "♭": "b", "b": "b"}.get(said, "")
    return f"{letter.upper()}{accidental} {'minor' if mode == 'm' else mode.lower()}"


def _mode_in(low: str) -> bool | None:
    found = _MODE.search(low)
    return None if found is None else "major" in found.group()


def _style_in(low: str) -> StyleName | None:
    names: dict[str, StyleName] = {name: name for name in get_args(StyleName)}
    places = [
        (match.start(), style)
        for name, style in {**names, **_ALIASES}.items()
        if (match := re.search(rf"\b{re.escape(name)}\b", low))
    ]
    return min(places)[1] if places else None
