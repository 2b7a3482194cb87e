"""Parts of a score that are given, so that the flow only adds what is asked."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generators.errors import InvalidScore
from generators.score.controls import measure
from generators.score.score import ROLES, Chord, Note, Role, Score


@dataclass(frozen=True)
class Given:
    """A score and the cells of it that stay: bool [T 1 + R], harmony first, then ROLES."""

    score: Score
    cells: NDArray[np.bool_]


def given_roles(score: Score, roles: Collection[Role], *, harmony: bool = True) -> Given:
    """Some roles stay (and by default the chords); the flow writes the rest."""
    cells = np.zeros((score.bars, 1 + len(ROLES)), bool)
    cells[:, 0] = harmony
    for role in roles:
        cells[:, 1 + ROLES.index(role)] = True
    return Given(score, cells)


def repainted_bars(score: Score, bars: Collection[int]) -> Given:
    """All stays but some bars.

    Raises:
        InvalidScore: a bar that the score does not have.
    """
    cells = np.ones((score.bars, 1 + len(ROLES)), bool)
    for bar in bars:
        if not 0 <= bar < score.bars:
            raise InvalidScore(f"bar {bar} cannot be repainted: the score has bars 0 to {score.bars - 1}")
        cells[bar] = False
    return Given(score, cells)


def without_missing(score: Score, asked: NDArray[np.float32], given: Given | None) -> Given | None:
    """All of a score but the roles that are silent in most bars where they were asked for [T R]; None if none is.

    What was given already stays given.
    """
    sounding = measure(score).values["roles"] > 0
    wanted = asked > 0
    missing = (wanted & ~sounding).sum(axis=0) > 0.5 * wanted.sum(axis=0)
    if not missing.any():
        return None
    cells = np.ones((score.bars, 1 + len(ROLES)), bool)
    cells[:, 1:] = ~missing
    return Given(score, cells if given is None else cells | given.cells)


def with_chords(given: Given, chords: tuple[Chord | None, ...]) -> Given:
    """The same, and the harmony of every bar."""
    cells = given.cells.copy()
    cells[:, 0] = True
    return Given(replace(given.score, chords=chords), cells)


def with_lead(given: Given, notes: Collection[Note], bars: Collection[int]) -> Given:
    """The same, and in some bars these notes for a lead, whatever lead was given there before."""
    per = given.score.metre.steps_per_bar
    cells = given.cells.copy()
    cells[sorted(bars), 1 + ROLES.index(Role.LEAD)] = True
    others = (n for n in given.score.parts.get(Role.LEAD, ()) if n.onset // per not in bars)
    parts = {**given.score.parts, Role.LEAD: tuple(sorted([*others, *notes]))}
    return Given(replace(given.score, parts=parts), cells)


def restore(generated: Score, given: Given) -> Score:
    """Put the given cells' notes and chords back exactly as they were; generated notes stop before given ones.

    A note belongs to the bar of its onset.
    """
    per = generated.metre.steps_per_bar
    parts: dict[Role, tuple[Note, ...]] = {}
    for r, role in enumerate(ROLES):
        kept = given.cells[:, 1 + r]
        old = [n for n in given.score.parts.get(role, ()) if kept[n.onset // per]]
        new = [
            _until_given(n, kept, per, generated.steps)
            for n in generated.parts.get(role, ())
            if not kept[n.onset // per]
        ]
        parts[role] = tuple(sorted([*old, *new]))
    keep = np.repeat(given.cells[:, 0], 2)
    chords = tuple(a if k else b for a, b, k in zip(given.score.chords, generated.chords, keep.tolist(), strict=True))
    return replace(generated, parts=parts, chords=chords)


def _until_given(note: Note, kept: NDArray[np.bool_], per: int, steps: int) -> Note:
    end = note.onset + note.duration
    for bar in range(note.onset // per + 1, min(-(-end // per), len(kept))):
        if kept[bar]:
            return replace(note, duration=bar * per - note.onset)
    return replace(note, duration=min(end, steps) - note.onset)
