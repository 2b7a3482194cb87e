"""The pitch of one voice over time: probabilistic YIN, whose candidates are joined to one line.

YIN's difference function: de Cheveigne and Kawahara 2002; probabilities from a prior over its threshold: Mauch and
Dixon, pYIN, 2014. librosa's implementation of it takes longer than the sound lasts, and brings a compiler along.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 32_000  # Hz; a whistled 3.5 kHz still has nine samples in its period
HOP = 320
WINDOW = 1536  # 48 ms: three periods of the lowest pitch
LOWEST_HZ, HIGHEST_HZ = 62.0, 3600.0
FLOOR_DB = -60.0  # of full scale; what is softer is silence
RANGE_DB = 40.0  # below the loudest frame nothing is sung: breath, room, the end of an echo
_KEPT = 5  # candidates of a frame
_BLOCK = 512  # frames at once
_SWITCH = 0.01  # chance that a voice begins or ends at a frame
_JUMP_COST, _JUMP_MOST = 0.9, 6.0  # nats a semitone from frame to frame, and for any leap
_UNSURE = 0.01  # of the prior below the deepest trough goes to that trough (pYIN's p_a)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PitchTrack:
    """One frame every 10 ms, all [F]: `times_s`, `pitch` in MIDI semitones (nan where no voice is), `level_db`."""

    times_s: Floats
    pitch: Floats
    level_db: Floats

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Where a pitch was found [F]."""
        return np.isfinite(self.pitch)


def track_pitch(samples: NDArray[np.float32]) -> PitchTrack:
    """The pitch of mono samples [N] at `SAMPLE_RATE`; time and memory grow linearly with the length."""
    pitches, chances, levels = (np.concatenate(parts) for parts in zip(*_blocks(samples), strict=True))
    silent = levels < max(FLOOR_DB, float(levels.max()) - RANGE_DB)
    chances[silent] = 0.0
    times = np.arange(len(levels)) * HOP / SAMPLE_RATE
    return PitchTrack(times, _joined(pitches, chances), levels)


def _blocks(samples: NDArray[np.float32]) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Candidates' pitches and chances [f K] and levels [f], a block of frames after the other."""
    longest = int(SAMPLE_RATE / LOWEST_HZ) + 2
    length = WINDOW + longest
    padded = np.pad(samples, (length // 2, length))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[: len(samples) + 1 : HOP]
    for start in range(0, len(frames), _BLOCK):
        block = frames[start : start + _BLOCK].astype(np.float64)
        power = (block[:, longest // 2 : longest // 2 + WINDOW] ** 2).mean(axis=1)
        dips = normalised_difference(block, longest)
        yield *_candidates(dips), 10.0 * np.log10(np.maximum(power, 1e-12))


def normalised_difference(frames: Floats, longest: int) -> Floats:
    """YIN's cumulative mean normalised difference [F lags] of frames [F WINDOW + longest] at lags 0..longest - 1."""
    from scipy import fft

    size = fft.next_fast_len(frames.shape[1], real=True)
    spectrum = fft.rfft(frames, size, axis=1)
    head = fft.rfft(frames[:, :WINDOW], size, axis=1)
    shared = fft.irfft(spectrum * head.conj(), size, axis=1)[:, :longest]
    total = np.pad(np.cumsum(frames**2, axis=1), ((0, 0), (1, 0)))
    energy = total[:, WINDOW : WINDOW + longest] - total[:, :longest]
    difference = np.maximum(energy[:, :1] + energy - 2.0 * shared, 0.0)
    mean = np.cumsum(difference[:, 1:], axis=1) / np.arange(1, longest)
    out = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=out[:, 1:], where=mean > 1e-12)
    return out


def _candidates(dips: Floats) -> tuple[Floats, Floats]:
    """Pitches and chances [F K] of the lags that YIN would take under some threshold.

    With a threshold s YIN takes the first trough deeper than s: so each trough that is deeper than all before it gets
    the prior's mass between those depths.
    """
    shortest = int(SAMPLE_RATE / HIGHEST_HZ)
    inner = dips[:, shortest:-1]
    is_trough = (inner < dips[:, shortest - 1 : -2]) & (inner <= dips[:, shortest + 1 :])
    depth = np.where(is_trough, inner, np.inf)
    before = np.minimum.accumulate(np.pad(depth, ((0, 0), (1, 0)), constant_values=np.inf)[:, :-1], axis=1)
    chance = np.where(depth < before, _prior(before) - _prior(depth), 0.0)
    deepest = np.argmin(depth, axis=1)
    rows = np.arange(len(dips))
    chance[rows, deepest] += _UNSURE * _prior(depth[rows, deepest]) * np.isfinite(depth[rows, deepest])
    best = np.argsort(-chance, axis=1, kind="stable")[:, :_KEPT]
    lag = best + shortest
    a, b, c = (dips[rows[:, None], lag + k] for k in (-1, 0, 1))
    bend = a - 2.0 * b + c
    shift = np.where(np.abs(bend) > 1e-12, 0.5 * (a - c) / np.where(bend == 0.0, 1.0, bend), 0.0)
    pitch = 69.0 + 12.0 * np.log2(SAMPLE_RATE / (lag + np.clip(shift, -0.5, 0.5)) / 440.0)
    return pitch, chance[rows[:, None], best]


def _prior(threshold: Floats) -> Floats:
    """The share of thresholds below a value: Beta(2, 18), with its mean at 0.1."""
    at, below = _beta()
    return np.interp(np.minimum(threshold, 1.0), at, below)


@cache
def _beta() -> tuple[Floats, Floats]:
    from scipy.special import betainc

    at = np.linspace(0.0, 1.0, 2001)
    return at, betainc(2.0, 18.0, at)


def _joined(pitches: Floats, chances: Floats) -> Floats:
    """The likeliest line [F] through candidates [F K] and silence (nan), by Viterbi."""
    frames, kept = pitches.shape
    with np.errstate(divide="ignore"):
        sung = np.log(np.column_stack([chances, np.clip(1.0 - chances.sum(axis=1), 1e-6, 1.0)]))
    stay, switch = np.log(1.0 - _SWITCH), np.log(_SWITCH)
    score = sung[0]
    came = np.zeros((frames, kept + 1), np.int64)
    step = np.full((kept + 1, kept + 1), switch)
    step[kept, kept] = stay
    for f in range(1, frames):
        leap = np.abs(pitches[f - 1][:, None] - pitches[f][None, :])
        step[:kept, :kept] = stay - np.minimum(_JUMP_COST * leap, _JUMP_MOST)
        total = score[:, None] + step
        came[f] = np.argmax(total, axis=0)
        score = total[came[f], np.arange(kept + 1)] + sung[f]
    line = np.full(frames, np.nan)
    state = int(np.argmax(score))
    for f in range(frames - 1, -1, -1):
        if state < kept:
            line[f] = pitches[f, state]
        state = int(came[f, state])
    return line
