"""Melodies as somebody might hum or whistle them, with every note known: glides, vibrato, breath, loose timing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sung:
    """One note: `pitch` in MIDI semitones, whole ones before somebody tunes it."""

    onset_s: float
    end_s: float
    pitch: float


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody sings: the standard deviations of timing and tuning, and what the voice is made of.

    `harmonics` is the number of partials, each `slope_db` an octave below the first; 1 is a whistle. `breath_db` and
    `room_db` are noise against the voice.
    """

    jitter_s: float = 0.020
    detune: float = 0.3  # semitones by which the whole is off concert pitch, at most
    note_error: float = 0.12
    vibrato: float = 0.3
    vibrato_hz: float = 5.5
    glide_s: float = 0.06
    harmonics: int = 10
    slope_db: float = -9.0
    breath_db: float = -30.0
    room_db: float = -42.0
    dip: float = 0.15  # what is left of the loudness between two notes of one pitch


HUM = Voice()
WHISTLE = Voice(harmonics=1, breath_db=-22.0, vibrato=0.15, glide_s=0.05)
ROUGH = Voice(
    jitter_s=0.03, detune=0.5, note_error=0.2, vibrato=0.5, glide_s=0.1, breath_db=-20.0, room_db=-30.0, dip=0.4
)
CLEAN = Voice(0.0, 0.0, 0.0, 0.0, breath_db=-90.0, room_db=-90.0)
_ATTACK_S, _RELEASE_S = 0.03, 0.05


def loosened(notes: Sequence[Sung], voice: Voice, rng: np.random.Generator) -> tuple[Sung, ...]:
    """The notes at the times and in the tuning in which they are really sung; none is shorter than 60 ms."""
    tuning = float(rng.uniform(-voice.detune, voice.detune))
    onsets = np.array([n.onset_s for n in notes]) + voice.jitter_s * np.clip(rng.standard_normal(len(notes)), -2.5, 2.5)
    onsets = np.maximum.accumulate(np.maximum(onsets, 0.05) + 0.0)
    out = []
    for i, note in enumerate(notes):
        limit = onsets[i + 1] if i + 1 < len(notes) else np.inf
        end = min(max(note.end_s, float(onsets[i]) + 0.06), limit)
        joined = i + 1 < len(notes) and notes[i + 1].onset_s - note.end_s < 1e-6
        out.append(Sung(float(onsets[i]), float(limit if joined else end), note.pitch + tuning))
    return tuple(out)


def sing(notes: Sequence[Sung], voice: Voice, *, sample_rate: int, seed: int) -> NDArray[np.float32]:
    """Samples [N] of notes in order at the times that they have; half a second of room follows."""
    rng = np.random.default_rng(seed)
    total = round((notes[-1].end_s + 0.5) * sample_rate)
    times = np.arange(total) / sample_rate
    pitch, gain = _contour(notes, voice, times, rng)
    phase = 2 * np.pi * np.cumsum(440.0 * 2.0 ** ((pitch - 69.0) / 12.0)) / sample_rate
    wave = np.zeros(total)
    for k in range(1, voice.harmonics + 1):
        wave += 10 ** (voice.slope_db * np.log2(k) / 20) * np.sin(k * phase + rng.uniform(0, 2 * np.pi))
    wave *= gain
    noise = rng.standard_normal(total)
    wave += 10 ** (voice.breath_db / 20) * noise * gain + 10 ** (voice.room_db / 20) * rng.standard_normal(total)
    return (0.3 * wave / max(float(np.abs(wave).max()), 1e-9)).astype(np.float32)


def _contour(notes: Sequence[Sung], voice: Voice, times: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Pitch in semitones and gain 0..1 at each time."""
    pitch, gain = np.full(len(times), float(notes[0].pitch)), np.zeros(len(times))
    errors = voice.note_error * rng.standard_normal(len(notes))
    before = None
    for note, error in zip(notes, errors, strict=True):
        here = times >= note.onset_s - voice.glide_s / 2
        target = note.pitch + error
        legato = before is not None and note.onset_s - before.end_s < 1e-6
        start = target if before is None or not legato else float(pitch[np.argmax(here)])
        into = np.clip((times[here] - note.onset_s) / max(voice.glide_s, 1e-3) + 0.5, 0.0, 1.0)
        since = np.clip(times[here] - note.onset_s, 0.0, None)
        shake = voice.vibrato * np.clip((since - 0.15) / 0.2, 0, 1) * np.sin(2 * np.pi * voice.vibrato_hz * since)
        pitch[here] = start + (target - start) * (3 * into**2 - 2 * into**3) + shake
        floor = voice.dip if legato and before is not None and before.pitch == note.pitch else 0.7 if legato else 0.0
        rise = np.clip((times - note.onset_s) / _ATTACK_S, 0, 1)
        fall = np.clip((note.end_s - times) / _RELEASE_S, 0, 1)
        inside = (times >= note.onset_s) & (times < note.end_s)
        loud = 10 ** (rng.normal(0, 1.5) / 20)
        gain = np.where(inside, loud * np.maximum(floor, rise) * fall, gain)
        before = note
    smooth = np.hanning(max(3, round(0.02 / (times[1] - times[0]))))
    return pitch, np.convolve(gain, smooth / smooth.sum(), mode="same")
