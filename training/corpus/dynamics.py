"""Velocities for written scores, which have none or only steps of loudness: accents, phrases, balance of roles."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from generators.score.score import Metre, Note, Role

FLAT = 4.0  # standard deviation of velocity below which a file says nothing about dynamics
PHRASE_BARS = 4
BALANCE: Mapping[Role, int] = {
    Role.LEAD: 84,
    Role.COUNTER: 74,
    Role.CHORDS: 66,
    Role.PAD: 60,
    Role.BASS: 74,
    Role.DRUMS: 78,
}
Parts = Mapping[Role, tuple[Note, ...]]


def is_flat(parts: Parts) -> bool:
    """Whether all notes are about equally loud."""
    return float(np.std([n.velocity for notes in parts.values() for n in notes] or [0])) < FLAT


def shaped(parts: Parts, metre: Metre) -> dict[Role, tuple[Note, ...]]:
    """The parts with metre accents, an arc over every four bars and louder high melody notes.

    A flat file starts from a fixed balance of roles, another one from its own velocities.
    """
    flat = is_flat(parts)
    out = {}
    for role, notes in parts.items():
        middle = float(np.mean([n.pitch for n in notes]))
        out[role] = tuple(
            replace(n, velocity=_velocity(n, BALANCE[role] if flat else n.velocity, metre, rise))
            for n in notes
            for rise in [0.4 * (n.pitch - middle) if role in (Role.LEAD, Role.COUNTER) else 0.0]
        )
    return out


def _velocity(note: Note, base: int, metre: Metre, rise: float) -> int:
    step = note.onset % metre.steps_per_bar
    if step == 0:
        accent = 6.0
    elif step % metre.steps_per_beat == 0:
        accent = 2.0
    else:
        accent = -2.0 if step % 2 == 0 else -4.0
    phrase = PHRASE_BARS * metre.steps_per_bar
    arc = 8.0 * float(np.sin(np.pi * (note.onset % phrase) / phrase)) - 4.0
    return int(np.clip(round(base + accent + arc + float(np.clip(rise, -6, 6))), 1, 127))
