"""A cue sheet as the planner wants it, and keys between their names and their numbers."""

import numpy as np

from generators.score.chart import read_chart
from generators.score.plan.brief import Brief, Curve, Cut, Span
from generators.score.score import Key, Metre, Mode
from generators.score.style import Style
from generators.score.theme import ThemeCall, ThemeForm
from generators.score.tune import Tune
from schemas.cue_sheet import CueSheet, CueTheme
from service.errors import BadInput

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJOR = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


def key_of(name: str) -> Key:
    """The key of a name such as "F# minor"."""
    tonic, mode = name.split()
    sign = {"#": 1, "b": -1}.get(tonic[1:], 0)
    return Key((_LETTERS[tonic[0]] + sign) % 12, Mode(mode))


def name_of(key: Key) -> str:
    """The usual name of a key."""
    names = _MAJOR if key.mode is Mode.MAJOR else _MINOR
    return f"{names[key.tonic]} {key.mode.value}"


def brief_of(sheet: CueSheet, *, seed: int, tune: Tune | None = None) -> Brief:
    """What a complete cue sheet asks of the music.

    Raises:
        BadInput: when tempo, key or style are missing from the sheet.
        InvalidChart: when its chords cannot be read.
    """
    if sheet.tempo_bpm is None or sheet.key is None or sheet.style is None:
        raise BadInput("the cue sheet leaves tempo_bpm, key or style open; give all three, or give sources")
    curves = {
        str(name): Curve(np.array([p.time_s for p in points]), np.array([p.value for p in points]))
        for name, points in sheet.curves.items()
    }
    return Brief(
        duration_s=sheet.duration_s,
        style=Style(sheet.style),
        tempo_bpm=sheet.tempo_bpm,
        key=key_of(sheet.key),
        metre=Metre(sheet.metre or "4/4"),
        tempo_exact=sheet.tempo_exact,
        cuts=tuple(Cut(c.time_s, c.weight, c.source) for c in sheet.cuts),
        spans=tuple(Span(s.start_s, s.end_s, s.form, _call(s.theme)) for s in sheet.sections),
        curves=curves,
        tune=tune,
        chart=None if sheet.chords is None else read_chart(sheet.chords),
        loop=sheet.loop,
        seed=seed,
    )


def _call(theme: CueTheme | None) -> ThemeCall | None:
    if theme is None:
        return None
    return ThemeCall(theme.name, ThemeForm(theme.form), theme.semitones, theme.degrees)
