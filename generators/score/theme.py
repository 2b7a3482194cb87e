"""A leitmotif: a line of the lead taken from some bars, changed as a cue asks, and put back into others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from generators.score.given import Given, with_chords
from generators.score.score import PITCHED, QUALITIES, ROLES, Chord, Key, Note, Role, Score

MOST_BARS = 8  # a theme is short enough to be known again
_LEAD = 1 + ROLES.index(Role.LEAD)
_UPPER = tuple(role for role in PITCHED if role is not Role.BASS)


class ThemeForm(StrEnum):
    """How a theme comes back."""

    EXACT = "exact"
    TRANSPOSED = "transposed"
    AUGMENTED = "augmented"  # every duration doubled


@dataclass(frozen=True, slots=True)
class ThemeCall:
    """A theme by its name, and how it is to come: moved by semitones, or by degrees of the scale."""

    name: str
    form: ThemeForm = ThemeForm.EXACT
    semitones: int = 0
    degrees: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """The bars in which a theme is called for; the first of a name states it, the others return to it."""

    call: ThemeCall
    start_bar: int
    bars: int


@dataclass(frozen=True, slots=True)
class Theme:
    """A line: notes whose onsets count from its first bar line, over `bars` bars of `steps_per_bar`, and its chords."""

    notes: tuple[Note, ...]
    chords: tuple[Chord | None, ...]
    bars: int
    steps_per_bar: int


def taken(score: Score, start_bar: int, bars: int) -> Theme:
    """The lead of some bars, at most `MOST_BARS`, let go at their end; where no lead sounds, the highest line there."""
    per, bars = score.metre.steps_per_bar, min(bars, MOST_BARS)
    start, end = start_bar * per, (start_bar + bars) * per
    lead = [n for n in score.parts.get(Role.LEAD, ()) if start <= n.onset < end]
    line = lead or _skyline(n for role in _UPPER for n in score.parts.get(role, ()) if start <= n.onset < end)
    notes = tuple(replace(n, onset=n.onset - start, duration=min(n.duration, end - n.onset)) for n in line)
    return Theme(notes, score.chords[2 * start_bar : 2 * (start_bar + bars)], bars, per)


def shaped(theme: Theme, call: ThemeCall, key: Key) -> Theme:
    """The theme as a call wants it; a line that would leave the playable range moves by octaves as a whole."""
    moved = [_by_degrees(n.pitch, call.degrees, key) + call.semitones for n in theme.notes]
    pitches = _in_range(moved)
    times = 2 if call.form is ThemeForm.AUGMENTED else 1
    notes = (
        replace(n, onset=times * n.onset, duration=times * n.duration, pitch=p)
        for n, p in zip(theme.notes, pitches, strict=True)
    )
    chords = tuple(c and _moved(c, call, key) for c in theme.chords for _ in range(times))
    return replace(theme, notes=tuple(notes), chords=chords, bars=times * theme.bars)


def fitted(theme: Theme, bars: int) -> Theme:
    """As much of the theme as some bars hold."""
    end = min(bars, theme.bars) * theme.steps_per_bar
    notes = tuple(replace(n, duration=min(n.duration, end - n.onset)) for n in theme.notes if n.onset < end)
    return replace(theme, notes=notes, chords=theme.chords[: 2 * bars], bars=min(bars, theme.bars))


def placed(score: Score, theme: Theme, start_bar: int) -> Score:
    """The score with a theme for its lead from a bar on; notes of the old lead stop where the theme begins."""
    start, end = start_bar * theme.steps_per_bar, (start_bar + theme.bars) * theme.steps_per_bar
    lead = (n for n in score.parts.get(Role.LEAD, ()) if not start <= n.onset < end)
    put = [replace(n, onset=n.onset + start) for n in theme.notes]
    return replace(score, parts={**score.parts, Role.LEAD: tuple(sorted([*_until(lead, start), *put]))})


def returning(score: Score, placements: Sequence[Placement], given: Given | None = None) -> tuple[Given, ...]:
    """A score in which every theme is stated, with its returns as given leads: all else in their bars is free.

    Comes twice: with the harmony of the returns free, and with that of the statement, changed as the line is. Chords
    and parts that were given before stay, and a return gives way where the lead was. Empty where nothing returns.
    """
    cells = np.ones((score.bars, 1 + len(ROLES)), bool)
    themes: dict[str, Theme] = {}
    for place in placements:
        if place.call.name not in themes:
            themes[place.call.name] = taken(score, place.start_bar, place.bars)
            if given is None or not given.cells[place.start_bar : place.start_bar + place.bars, _LEAD].any():
                score = placed(score, themes[place.call.name], place.start_bar)
            continue
        theme = fitted(shaped(themes[place.call.name], place.call, score.key), place.bars)
        span = slice(place.start_bar, place.start_bar + theme.bars)
        if not theme.notes or (given is not None and given.cells[span, _LEAD].any()):
            continue
        start = place.start_bar * theme.steps_per_bar
        cut = {role: tuple(_until(notes, start)) for role, notes in score.parts.items()}
        score = placed(replace(score, parts=cut), theme, place.start_bar)
        if given is None or not given.cells[span, 0].any():
            score = replace(score, chords=_spliced(score.chords, theme.chords, 2 * place.start_bar))
        cells[span] = False if given is None else given.cells[span]
        cells[span, _LEAD] = True
    if cells.all():
        return ()
    free = Given(score, cells)
    return (free,) if cells[:, 0].all() else (free, with_chords(free, score.chords))


def theme_bars(placements: Iterable[Placement]) -> frozenset[int]:
    """All bars in which a theme is called for: nothing may bend its line there."""
    return frozenset(b for p in placements for b in range(p.start_bar, p.start_bar + p.bars))


def voiceless(score: Score, placements: Sequence[Placement]) -> float:
    """The share of the stating bars in which no lead begins; 0 where no theme is stated."""
    first = {p.call.name: p for p in reversed(placements)}.values()
    bars = {b for p in first for b in range(p.start_bar, p.start_bar + min(p.bars, MOST_BARS))}
    return 1.0 - len(bars & _bars_with_lead(score)) / len(bars) if bars else 0.0


def _bars_with_lead(score: Score) -> set[int]:
    return {n.onset // score.metre.steps_per_bar for n in score.parts.get(Role.LEAD, ())}


def _until(notes: Iterable[Note], step: int) -> list[Note]:
    """Notes that sound across a step, let go there."""
    return [replace(n, duration=min(n.duration, step - n.onset)) if n.onset < step else n for n in notes]


def _skyline(notes: Iterable[Note]) -> list[Note]:
    """The highest line: at each onset the highest note, unless a higher one still sounds."""
    line: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.onset, -n.pitch)):
        if line and note.onset < line[-1].onset + line[-1].duration:
            if note.onset == line[-1].onset or note.pitch <= line[-1].pitch:
                continue
            line[-1] = replace(line[-1], duration=note.onset - line[-1].onset)
        line.append(note)
    return line


def _spliced(
    chords: tuple[Chord | None, ...], others: tuple[Chord | None, ...], start: int
) -> tuple[Chord | None, ...]:
    return chords[:start] + others + chords[start + len(others) :]


def _moved(chord: Chord, call: ThemeCall, key: Key) -> Chord:
    """The chord whose tones are those of the given one, each moved as the line is; the nearest where none has them."""
    root = (_by_degrees(60 + chord.root, call.degrees, key) + call.semitones) % 12
    tones = {(_by_degrees(60 + p, call.degrees, key) + call.semitones) % 12 for p in chord.pitch_classes}
    same = [Chord(root, q) for q in QUALITIES]
    return min(same, key=lambda c: (len(tones ^ c.pitch_classes), c.quality is not chord.quality))


def _by_degrees(pitch: int, degrees: int, key: Key) -> int:
    """A pitch moved along the scale; one that lies beside the scale stays as far above the degree below it."""
    if degrees == 0:
        return pitch
    scale = [p for p in range(-60, 190) if p % 12 in key.scale]
    below = max(i for i, p in enumerate(scale) if p <= pitch)
    return scale[below + degrees] + pitch - scale[below]


def _in_range(pitches: Sequence[int]) -> list[int]:
    shift = 0
    while pitches and min(pitches) + shift < 21:
        shift += 12
    while pitches and max(pitches) + shift > 108:
        shift -= 12
    return [p + shift for p in pitches]
