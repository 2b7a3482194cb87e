"""From a line of pitch to the notes that somebody hummed, whistled or played: when, how high, how loud."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from encoders.errors import NoMelody
from encoders.pitch import FLOOR_DB, HOP, RANGE_DB, SAMPLE_RATE, PitchTrack

FEWEST = 3  # notes of a tune
SHORTEST_S = 0.07
_FRAME_S = HOP / SAMPLE_RATE
_BRIDGED = 3  # frames without a pitch that do not end a note
_MISFIT_MOST = 1.5  # semitones; how far off a frame counts at most
_CHANGE = 3.5  # price of another note, in frames that are a semitone off: a glide is no note, 80 ms are one
_DIP_DB, _RISE_DB = 4.0, 6.0  # a note of the same pitch begins after a dip, or where it gets so much louder
_RISE, _NEAR = 5, 15  # frames: within which it gets louder, within which a dip is one
_APART = 9  # frames between two beginnings at one pitch
_STILL = ((18, 0.95), (7, 0.25))  # frames of a held stretch, and how many semitones it covers at most
_LEAP, _FOLDED = 9.0, 7.0  # semitones: a lone note so far from both neighbours, and no farther an octave on, is folded
_DRIFT = 0.3  # semitones between the halves of a note that is held
_EDGE = 3  # frames at each end of a note in which a voice is on its way
_HELD_LEAST = 0.75  # of all voiced frames, those of held notes: over 0.98 of synthetic singing, under 0.7 of speech
_SOUNDING_LEAST = 0.2  # of all frames that are not silent, those with a pitch


@dataclass(frozen=True, slots=True)
class HeardNote:
    """A note in a recording; `pitch` in MIDI semitones after the singer's own tuning is taken out."""

    onset_s: float
    end_s: float
    pitch: int
    level_db: float


def heard_notes(track: PitchTrack) -> tuple[HeardNote, ...]:
    """The notes of a recording, in order and never two at once.

    Raises:
        NoMelody: it is silent, has no pitch (noise, drums, chords), too few notes, or glides like speech.
    """
    audible = track.level_db > max(FLOOR_DB, float(track.level_db.max()) - RANGE_DB)
    if not audible.any():
        raise NoMelody("the recording is silent; hum or whistle the tune close to the microphone")
    if track.voiced.sum() < _SOUNDING_LEAST * audible.sum() or track.voiced.sum() * _FRAME_S < SHORTEST_S:
        raise NoMelody(f"no single line of pitch is heard; {_SEND}")
    tuning = tuning_of(track.pitch)
    found = [note for a, b in _runs(track.voiced) for note in _notes(track, a, b, tuning)]
    held = sum(_held(track, note) for note in found)
    notes = [n for n in found if n.end_s - n.onset_s >= SHORTEST_S]
    if held < _HELD_LEAST * track.voiced.sum():
        raise NoMelody(f"the pitch glides as in speech and hardly holds a note; {_SEND}")
    if len(notes) < FEWEST:
        raise NoMelody(f"only {len(notes)} notes are heard; {_SEND}")
    return tuple(_folded(notes))


_SEND = "send a tune alone: hummed, whistled or on one instrument, a note at a time"


def tuning_of(pitch: NDArray[np.float64]) -> float:
    """Semitones (-0.5..0.5) by which all notes lie off concert pitch: the circular mean of stretches that hold still.

    A stretch is as long as a turn of vibrato, whose ends alone would tell nothing; shorter where no note lasts so long.
    """
    for frames, widest in _STILL:
        if len(pitch) < frames:
            continue
        stretches = np.lib.stride_tricks.sliding_window_view(pitch, frames)
        spread = stretches.max(axis=1) - stretches.min(axis=1)
        held = stretches[spread < widest].mean(axis=1)  # a stretch with a gap has the spread nan
        if len(held):
            return float(np.angle(np.exp(2j * np.pi * held).mean()) / (2 * np.pi))
    return 0.0


def _runs(voiced: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Stretches of frames with a pitch; gaps of a few frames are part of them."""
    at = np.flatnonzero(voiced)
    for part in np.split(at, np.flatnonzero(np.diff(at) > _BRIDGED + 1) + 1):
        if len(part):
            yield int(part[0]), int(part[-1]) + 1


def _notes(track: PitchTrack, start: int, end: int, tuning: float) -> Iterator[HeardNote]:
    """The notes of one stretch."""
    pitch = track.pitch[start:end] - tuning
    levels = _levels(pitch)
    borders = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), end - start]
    for a, b in pairwise(borders):
        beats = [a, *_struck(track.level_db[start + a : start + b], a), b]
        for c, d in pairwise(beats):
            at = float(track.times_s[start + c])
            level = float(np.percentile(track.level_db[start + c : start + d], 90))
            yield HeardNote(at, at + (d - c) * _FRAME_S, int(levels[a]), level)


def _levels(pitch: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each frame's note [f]: the steps that lie nearest to the pitch and change seldom, by Viterbi."""
    low, high = int(np.floor(np.nanmin(pitch))), int(np.ceil(np.nanmax(pitch)))
    scale = np.arange(low, high + 1)
    misfit = np.minimum(np.abs(pitch[:, None] - scale[None, :]), _MISFIT_MOST)
    misfit[~np.isfinite(pitch)] = 0.0
    cost = misfit[0]
    came = np.zeros(misfit.shape, np.int64)
    own = np.arange(len(scale))
    for f in range(1, len(pitch)):
        best = int(np.argmin(cost))
        moved = cost[best] + _CHANGE < cost
        came[f] = np.where(moved, best, own)
        cost = np.where(moved, cost[best] + _CHANGE, cost) + misfit[f]
    state = int(np.argmin(cost))
    out = np.zeros(len(pitch), np.int64)
    for f in range(len(pitch) - 1, -1, -1):
        out[f] = scale[state]
        state = int(came[f, state])
    return out


def _struck(level_db: NDArray[np.float64], offset: int) -> list[int]:
    """Frames at which a held pitch begins again: after a dip in loudness, or where it suddenly gets louder."""
    found: list[int] = []
    for f in range(_APART, len(level_db) - _APART // 2):
        if found and f - (found[-1] - offset) < _APART:
            continue
        before, after = level_db[max(0, f - _NEAR) : f], level_db[f : f + _NEAR]
        is_lowest = level_db[f] <= level_db[max(0, f - 4) : f + 5].min()
        dips = is_lowest and min(before.max(), after.max()) - level_db[f] >= _DIP_DB
        if dips or (is_lowest and level_db[f : f + _RISE + 1].max() - level_db[f] >= _RISE_DB):
            found.append(offset + f + 1)
    return found


def _held(track: PitchTrack, note: HeardNote) -> int:
    """The frames of a note that holds its pitch: vibrato around it does no harm, a glide through it does."""
    pitch = track.pitch[round(note.onset_s / _FRAME_S) : round(note.end_s / _FRAME_S)]
    edge = min(_EDGE, len(pitch) // 4)
    inner = pitch[edge : len(pitch) - edge]
    inner = inner[np.isfinite(inner)]
    half = len(inner) // 2
    if len(pitch) < _APART or half == 0:
        return 0
    return len(pitch) if abs(inner[:half].mean() - inner[half:].mean()) < _DRIFT else 0


def _folded(notes: Sequence[HeardNote]) -> Iterator[HeardNote]:
    """Notes, with lone leaps of about an octave there and back taken for the tracker's mistake."""
    for i, note in enumerate(notes):
        around = [note.pitch - n.pitch for n in (*notes[max(0, i - 1) : i], *notes[i + 1 : i + 2])]
        octave = 12 if sum(around) > 0 else -12
        lone = len(around) == 2 and around[0] * around[1] > 0 and min(abs(a) for a in around) >= _LEAP
        folds = lone and max(abs(a - octave) for a in around) <= _FOLDED
        yield replace(note, pitch=note.pitch - octave) if folds else note
