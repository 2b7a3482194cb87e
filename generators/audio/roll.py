"""The score roll: what is played, beside every latent frame of the audio; all values in 0..1."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from generators.score.performance import Performance, TimedNote
from generators.score.plan.brief import GridBar
from generators.score.score import DRUM_KEYS, EFFECTS, PITCHED, Metre, Role

Floats = NDArray[np.float32]
PARTS = 4  # of a frame: onsets are told to 11.6 ms at 21.5 frames a second
PITCHES, LOWEST, CLASSES = 88, 21, 12
HARMONY = frozenset({Role.CHORDS, Role.PAD, Role.BASS, Role.COUNTER})
#: name -> width of one frame's values, each with a mask of its own
WIDTHS: dict[str, int] = {
    "beats": 4 + 2 * PARTS,  # sine and cosine of the place in beat and bar, strokes of beats and of bars
    "chords": CLASSES,  # pitch classes that accompany
    "melody": 2 * PITCHES + PARTS,  # onsets and sustains of the lead, strokes
    "drums": len(DRUM_KEYS) * PARTS,  # strokes by kind
    "whole": 2 * PITCHES + len(PITCHED) * (CLASSES + PARTS) + len(EFFECTS),  # all pitched roles, and effects
}


def score_roll(
    performance: Performance, bars: Sequence[GridBar], metre: Metre, *, frames: int, frame_s: float
) -> dict[str, Floats]:
    """Everything that is known of a performance on its bars, by group: [T width]; T = `frames` of `frame_s` seconds.

    Strokes are velocities in the part of a frame that they begin in, sustains the share of a frame that a note lasts
    times its velocity. A note may begin before the first frame; in a loop what lasts over the end goes on at the start.
    """
    writer = _Writer(frames, frame_s, loop=performance.loop)
    parts = performance.parts
    lead = parts.get(Role.LEAD, ())
    harmony = [n for role in HARMONY for n in parts.get(role, ())]
    drums = {key: [n for n in parts.get(Role.DRUMS, ()) if n.pitch == key] for key in DRUM_KEYS}
    return {
        "beats": beat_roll(bars, metre, frames=frames, frame_s=frame_s),
        "chords": writer.sustained(harmony, CLASSES, lambda n: n.pitch % CLASSES),
        "melody": np.concatenate([writer.begun(lead), writer.held(lead), writer.strokes(lead)], axis=1),
        "drums": np.concatenate([writer.strokes(struck) for struck in drums.values()], axis=1),
        "whole": _whole(writer, performance),
    }


def beat_roll(bars: Sequence[GridBar], metre: Metre, *, frames: int, frame_s: float) -> Floats:
    """The `beats` group [T 12] of an elastic grid; zero where there is no bar."""
    out = np.zeros((frames, WIDTHS["beats"]), np.float32)
    middle_s = (np.arange(frames) + 0.5) * frame_s
    for bar in bars:
        inside = np.flatnonzero((middle_s >= bar.start_s) & (middle_s < bar.end_s))
        step = (middle_s[inside] - bar.start_s) / (bar.end_s - bar.start_s) * bar.steps
        for column, period in ((0, metre.steps_per_beat), (2, metre.steps_per_bar)):
            angle = 2.0 * np.pi * step / period
            out[inside, column] = 0.5 + 0.5 * np.sin(angle)
            out[inside, column + 1] = 0.5 + 0.5 * np.cos(angle)
        for beat in range(0, bar.steps, metre.steps_per_beat):
            at_s = bar.start_s + (bar.end_s - bar.start_s) * beat / bar.steps
            part = int(np.floor(at_s / frame_s * PARTS + 1e-6))
            if 0 <= part < frames * PARTS:
                frame, place = divmod(part, PARTS)
                out[frame, 4 + place] = 1.0
                out[frame, 4 + PARTS + place] = float(beat == 0)
    return out


class _Writer:
    """Writes notes into frames; what lies outside them is left out, or goes round in a loop."""

    def __init__(self, frames: int, frame_s: float, *, loop: bool) -> None:
        self.frames, self.frame_s, self.loop = frames, frame_s, loop

    def strokes(self, notes: Iterable[TimedNote]) -> Floats:
        """Velocities at onsets [T PARTS]."""
        out = np.zeros(self.frames * PARTS, np.float32)
        for note in notes:
            at = int(np.floor(note.onset_s / self.frame_s * PARTS + 1e-6))
            if 0 <= at < len(out):
                out[at] = max(out[at], _level(note))
        return out.reshape(self.frames, PARTS)

    def begun(self, notes: Iterable[TimedNote]) -> Floats:
        """Velocities at onsets, by pitch [T 88]."""
        out = np.zeros((self.frames, PITCHES), np.float32)
        for note in notes:
            at, row = int(np.floor(note.onset_s / self.frame_s + 1e-6)), _row(note)
            if 0 <= at < self.frames:
                out[at, row] = max(out[at, row], _level(note))
        return out

    def held(self, notes: Iterable[TimedNote]) -> Floats:
        """Sustains by pitch [T 88]."""
        return self.sustained(notes, PITCHES, _row)

    def sustained(self, notes: Iterable[TimedNote], width: int, row_of: Callable[[TimedNote], int]) -> Floats:
        """Sustains [T width] in the rows that notes are given."""
        out = np.zeros((self.frames, width), np.float32)
        for note in notes:
            start, end = note.onset_s / self.frame_s, (note.onset_s + note.duration_s) / self.frame_s
            at = np.arange(max(0, int(start)), int(np.ceil(end)))
            share = np.minimum(end, at + 1.0) - np.maximum(start, at)
            if self.loop:
                at, share = at[: self.frames] % self.frames, share[: self.frames]
            inside = (at < self.frames) & (share > 0)
            at, level = at[inside], (share[inside] * _level(note)).astype(np.float32)
            row = row_of(note)
            out[at, row] = np.maximum(out[at, row], level)
        return out


def _whole(writer: _Writer, performance: Performance) -> Floats:
    notes = [n for role in PITCHED for n in performance.parts.get(role, ())]
    columns = [writer.begun(notes), writer.held(notes)]
    for role in PITCHED:
        own = performance.parts.get(role, ())
        columns += [writer.sustained(own, CLASSES, lambda n: n.pitch % CLASSES), writer.strokes(own)]
    columns.append(writer.sustained(performance.parts.get(Role.EFFECTS, ()), len(EFFECTS), lambda n: n.pitch))
    return np.concatenate(columns, axis=1)


def _row(note: TimedNote) -> int:
    return min(max(note.pitch - LOWEST, 0), PITCHES - 1)


def _level(note: TimedNote) -> float:
    return note.velocity / 127.0
