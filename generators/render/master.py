"""The mastering bus: glue, loudness to a target and a true-peak limiter, as one gain curve for all stems."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generators.render.tone import Floats

HOP = 32  # frames for each point of the gain curve
CEILING_DBTP = -1.25  # a quarter decibel below the promise, for what interpolation between points adds
LOOK_AHEAD_HOPS = 4  # 3 ms at 44.1 kHz on either side
RELEASE_DB_S = 60.0
OVERSAMPLING = 4
GLUE_ATTACK_S, GLUE_RELEASE_S = 0.03, 0.25
_ROUNDS = 16
_BLOCK_HOPS = 8192  # weighted at a time, to save memory
_BRIDGE_HOPS = 48  # hot stretches nearer than this are oversampled as one
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Target:
    """What the bus is asked for."""

    loudness_lufs: float
    glue_db: float
    loop: bool


@dataclass(frozen=True, slots=True)
class Mastering:
    """Gains at every HOP frames (and one more), and the loudness that they lead to; -inf for silence."""

    curve: Curve
    loudness_lufs: float


def master(mix: Floats, rate: int, target: Target, shape: Curve) -> Mastering:
    """The gain curve that brings `mix` [2 N] to its loudness below the ceiling.

    `shape` (as long as the curve) is a gain that is to be applied in any case, such as the fade of a tail.
    """
    hops = -(-mix.shape[1] // HOP)
    energy = _weighted_energy(mix, rate, hops) * shape[:-1] ** 2
    measured = _gated_loudness(energy, rate)
    if not np.isfinite(measured):
        return Mastering(shape, -np.inf)
    glue = _glue(energy, rate, measured, target)
    edges = np.maximum(shape[:-1], shape[1:])
    gain_db, found_db = target.loudness_lufs - measured, -np.inf
    curve, loudness = glue, measured
    for _ in range(_ROUNDS):
        if gain_db > found_db:  # peaks that are quiet at one gain matter at a higher one
            found_db = gain_db + 3.0
            peaks = true_peaks(mix, hot=0.55 * 10.0 ** (-found_db / 20.0)) * edges
        curve = glue * 10.0 ** (gain_db / 20.0)
        curve = curve * _limiter(peaks * curve, rate, loop=target.loop)
        loudness = _gated_loudness(energy * curve**2, rate)
        error = target.loudness_lufs - loudness
        if abs(error) < 0.02:
            break
        gain_db += min(error * 1.3, 6.0)
    whole = np.append(curve, curve[0] if target.loop else curve[-1])
    return Mastering(whole * shape, loudness)


def apply_curve(samples: Floats, curve: Curve) -> None:
    """Multiply [2 N] by a gain curve in place, straight lines between its points, in blocks to save memory."""
    ramp = (np.arange(HOP, dtype=np.float32) / HOP)[None, :]
    points = curve.astype(np.float32)
    step = 8192
    for first in range(0, len(points) - 1, step):
        left = points[first : min(first + step, len(points) - 1)]
        right = points[first + 1 : first + 1 + len(left)]
        gains = (left[:, None] + (right - left)[:, None] * ramp).reshape(-1)
        part = samples[:, first * HOP : (first + len(left)) * HOP]
        part *= gains[: part.shape[1]]


def limit(samples: Floats, rate: int, spans: Sequence[tuple[int, int]]) -> None:
    """Bring the peaks within spans of [2 N] below the ceiling, in place; what is 3 ms outside may sink with them."""
    peaks = true_peaks(samples)
    inside = np.zeros(len(peaks))
    for first, last in spans:
        inside[first // HOP : -(-last // HOP)] = 1.0
    curve = _limiter(peaks * inside, rate, loop=False)
    apply_curve(samples, np.append(curve, curve[-1]))


def true_peaks(samples: Floats, hot: float = 0.5) -> Curve:
    """Largest absolute value of the 4x oversampled [2 N] around every point; below `hot` the sample peak is enough."""
    starts = np.arange(0, samples.shape[1], HOP)
    tops, bottoms = (f.reduceat(samples, starts, axis=1) for f in (np.maximum, np.minimum))
    peaks = np.maximum(tops, -bottoms).max(axis=0).astype(np.float64)
    points = np.flatnonzero(peaks > hot)
    for run in np.split(points, np.flatnonzero(np.diff(points) > _BRIDGE_HOPS) + 1) if len(points) else []:
        for first in range(int(run[0]), int(run[-1]) + 1, 4096):
            last = min(first + 4096, int(run[-1]) + 1)
            peaks[first:last] = np.maximum(peaks[first:last], _oversampled(samples, first, last))
    return np.asarray(peaks, np.float64)


def _oversampled(samples: Floats, first: int, last: int) -> Curve:
    from scipy import signal

    margin = 64
    a, b = first * HOP, min(last * HOP, samples.shape[1])
    part = samples[:, max(a - margin, 0) : b + margin]
    fine = signal.resample_poly(part, OVERSAMPLING, 1, axis=1, window=_interpolator())  # type: ignore[call-overload]
    skip = (a - max(a - margin, 0)) * OVERSAMPLING
    inner = np.zeros((last - first) * HOP * OVERSAMPLING)
    kept = np.max(np.abs(fine[:, skip : skip + (b - a) * OVERSAMPLING]), axis=0)
    inner[: len(kept)] = kept
    peaks: Curve = inner.reshape(last - first, HOP * OVERSAMPLING).max(axis=1)
    return peaks


@cache
def _interpolator() -> Floats:
    """The low-pass between samples, designed once."""
    from scipy import signal

    taps: Floats = signal.firwin(24 * OVERSAMPLING + 1, 1.0 / OVERSAMPLING, window=("kaiser", 6.0)).astype(np.float32)
    return taps


def _weighted_energy(mix: Floats, rate: int, hops: int) -> Curve:
    """K-weighted energy of both channels in every hop (BS.1770, with the coefficients of pyloudnorm)."""
    import pyloudnorm
    from scipy import signal

    energy = np.zeros(hops)
    filters = [(stage.b, stage.a) for stage in pyloudnorm.Meter(rate)._filters.values()]
    memories = [np.zeros((2, 2)) for _ in filters]
    for first in range(0, hops, _BLOCK_HOPS):
        last = min(first + _BLOCK_HOPS, hops)
        block = np.zeros((2, (last - first) * HOP))
        part = mix[:, first * HOP : last * HOP]
        block[:, : part.shape[1]] = part
        for i, (b, a) in enumerate(filters):
            block, memories[i] = signal.lfilter(b, a, block, axis=1, zi=memories[i])
        energy[first:last] = np.sum(block**2, axis=0).reshape(-1, HOP).sum(axis=1)
    return energy


def _gated_loudness(energy: Curve, rate: int) -> float:
    """Integrated loudness of hop energies, with the absolute and the relative gate; -inf for silence."""
    total = np.concatenate([[0.0], np.cumsum(energy)])
    seconds = len(energy) * HOP / rate
    starts = np.round(np.arange(max(1, round((seconds - 0.4) / 0.1) + 1)) * 0.1 * rate / HOP).astype(int)
    ends = np.minimum(starts + round(0.4 * rate / HOP), len(energy))
    blocks = (total[ends] - total[starts]) / (0.4 * rate)
    level = -0.691 + 10.0 * np.log10(np.maximum(blocks, 1e-20))
    loud = level > -70.0
    if not np.any(loud):
        return -np.inf
    gate = -0.691 + 10.0 * np.log10(np.mean(blocks[loud])) - 10.0
    return float(-0.691 + 10.0 * np.log10(np.mean(blocks[loud & (level > gate)])))


def _glue(energy: Curve, rate: int, loudness: float, target: Target) -> Curve:
    """A soft bus compressor: passages louder than the whole piece give way, `glue_db` at 6 dB above it."""
    turns = 2 if target.loop else 1  # second time round the detector knows how the loop ends
    level = _smooth(np.tile(energy, turns) / HOP, rate / HOP, GLUE_ATTACK_S)
    over = np.clip(10.0 * np.log10(level + 1e-12) - 0.691 - loudness, 0.0, 12.0)
    reduction = _smooth(target.glue_db * over / 6.0, rate / HOP, GLUE_RELEASE_S * 0.5)
    curve: Curve = 10.0 ** (-reduction[-len(energy) :] / 20.0)
    return curve


def _smooth(values: Curve, rate: float, time_s: float) -> Curve:
    from scipy import signal

    keep = np.exp(-1.0 / (rate * time_s))
    smoothed: Curve = signal.lfilter([1.0 - keep], [1.0, -keep], values, zi=np.array([keep * values[0]]))[0]
    return smoothed


def _limiter(peaks: Curve, rate: int, *, loop: bool) -> Curve:
    """Gains that keep every peak under the ceiling: held ahead, released at a steady rate, smoothed."""
    from scipy import ndimage

    ceiling = 10.0 ** (CEILING_DBTP / 20.0)
    reduction = np.maximum(20.0 * np.log10(np.maximum(peaks, 1e-12) / ceiling), 0.0)
    mode: Literal["wrap", "nearest"] = "wrap" if loop else "nearest"
    width = 2 * LOOK_AHEAD_HOPS + 1
    held = ndimage.maximum_filter1d(reduction, width + 2, mode=mode)
    turns = 2 if loop else 1
    slope = RELEASE_DB_S * HOP / rate * np.arange(len(held) * turns)
    released = np.maximum.accumulate(np.tile(held, turns) + slope) - slope
    smooth = ndimage.uniform_filter1d(released[-len(held) :], width, mode=mode)
    curve: Curve = 10.0 ** (-smooth / 20.0)
    return curve
