"""Bars as rolls: a score cut into [bars, roles, steps, rows], normalised by key and, for accompaniment, by chord.

Pitched rolls are moved to C major or A minor; chords, pad and bass are further moved by the root of the chord that
sounds, half bar by half bar, so that one pattern is one roll whatever the harmony. Both moves are undone exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generators.score.score import DRUM_KEYS, QUALITIES, ROLES, Chord, Key, Metre, Note, Quality, Role

STEPS = 16
ROWS = 88  # MIDI 21..108; drums and effects use the first rows for their sounds
LOWEST = 21
NO_CHORD = 12  # the root written where no chord sounds
CHORD_RELATIVE = frozenset({Role.CHORDS, Role.PAD, Role.BASS})


@dataclass(frozen=True)
class BarRolls:
    """onset and sustain bool [T R 16 88], velocity uint8 [T R 16] (mean over a step), chords int16 [T 2 2].

    A chord is (root relative to the normalised key, index into QUALITIES); root 12 says none. `sustain` marks steps
    where a note that began earlier still sounds, across bar lines too.
    """

    onset: NDArray[np.bool_]
    sustain: NDArray[np.bool_]
    velocity: NDArray[np.uint8]
    chords: NDArray[np.int16]


def encode_chords(chords: Sequence[Chord | None], shift: int) -> NDArray[np.int16]:
    """Chords (two a bar) as [T 2 2] in the normalised key."""
    rows = [(NO_CHORD, 0) if c is None else ((c.root + shift) % 12, QUALITIES.index(c.quality)) for c in chords]
    return np.asarray(rows, dtype=np.int16).reshape(-1, 2, 2)


def decode_chords(chords: NDArray[np.int16], shift: int) -> tuple[Chord | None, ...]:
    """The inverse of `encode_chords`."""
    flat = chords.reshape(-1, 2).tolist()
    return tuple(None if r == NO_CHORD else Chord((r - shift) % 12, Quality(QUALITIES[q])) for r, q in flat)


def roots_by_step(chords: NDArray[np.int16], metre: Metre) -> NDArray[np.int64]:
    """Semitones -5..6 [T 16] that lead from C to the sounding root; 0 where no chord sounds."""
    root = np.where(chords[..., 0] == NO_CHORD, 0, chords[..., 0]).astype(np.int64)
    root = (root + 5) % 12 - 5
    half = metre.steps_per_bar // 2
    return np.repeat(root, [half, STEPS - half], axis=1) if root.shape[1] == 2 else root


def to_rolls(
    parts: Mapping[Role, Sequence[Note]], chords: Sequence[Chord | None], *, bars: int, metre: Metre, key: Key
) -> BarRolls:
    """Cut parts into rolls; notes that would leave the 88 rows are folded by an octave."""
    encoded = encode_chords(chords, key.normal_shift)
    roots = roots_by_step(encoded, metre)
    per = metre.steps_per_bar
    onset = np.zeros((bars, len(ROLES), STEPS, ROWS), bool)
    sustain = np.zeros_like(onset)
    loudness = np.zeros((bars, len(ROLES), STEPS), np.float32)
    count = np.zeros((bars, len(ROLES), STEPS), np.float32)
    for r, role in enumerate(ROLES):
        for n in parts.get(role, ()):
            bar, step = divmod(n.onset, per)
            onset[bar, r, step, _row(role, n.pitch, key.normal_shift, int(roots[bar, step]))] = True
            loudness[bar, r, step] += n.velocity
            count[bar, r, step] += 1
            for at in range(n.onset + 1, n.onset + n.duration):
                b, s = divmod(at, per)
                sustain[b, r, s, _row(role, n.pitch, key.normal_shift, int(roots[b, s]))] = True
    sustain &= ~onset
    velocity = np.round(loudness / np.maximum(count, 1)).astype(np.uint8)
    return BarRolls(onset, sustain, velocity, encoded)


def from_rolls(rolls: BarRolls, *, metre: Metre, key: Key) -> dict[Role, tuple[Note, ...]]:
    """Notes by role; a note lasts while its row is sustained, at most to the end of the piece."""
    per = metre.steps_per_bar
    roots = roots_by_step(rolls.chords, metre)[:, :per].reshape(-1)
    bars = len(rolls.onset)
    parts: dict[Role, tuple[Note, ...]] = {}
    for r, role in enumerate(ROLES):
        onset = rolls.onset[:, r, :per].reshape(bars * per, ROWS)
        sustain = rolls.sustain[:, r, :per].reshape(bars * per, ROWS)
        velocity = rolls.velocity[:, r, :per].reshape(-1)
        notes = []
        for at, row in zip(*(a.tolist() for a in np.nonzero(onset)), strict=True):
            pitch = _pitch(role, row, key.normal_shift, int(roots[at]))
            if pitch is None:
                continue
            end = at + 1
            while end < bars * per:
                there = _row(role, pitch, key.normal_shift, int(roots[end]))
                if onset[end, there] or not sustain[end, there]:
                    break
                end += 1
            notes.append(Note(at, pitch, end - at, int(np.clip(velocity[at], 1, 127))))
        parts[role] = tuple(sorted(set(notes)))
    return parts


def _row(role: Role, pitch: int, shift: int, root: int) -> int:
    if role is Role.DRUMS:
        return DRUM_KEYS.index(pitch)
    if role is Role.EFFECTS:
        return pitch
    row = pitch - LOWEST + shift - (root if role in CHORD_RELATIVE else 0)
    return row + 12 if row < 0 else row - 12 if row >= ROWS else row


def _pitch(role: Role, row: int, shift: int, root: int) -> int | None:
    if role is Role.DRUMS:
        return DRUM_KEYS[row] if row < len(DRUM_KEYS) else None
    if role is Role.EFFECTS:
        return row if row < 8 else None
    pitch = row + LOWEST - shift + (root if role in CHORD_RELATIVE else 0)
    return pitch + 12 if pitch < LOWEST else pitch - 12 if pitch >= LOWEST + ROWS else pitch
