"""Causal filters written as frequency responses, so that a note is filtered while it is resampled, at no cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Spectrum = NDArray[np.complex64]
Hz = NDArray[np.floating]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tone:
    """Equaliser of one voice. `air_db` is a shelf above 4 kHz, `body_db` a shelf below 250 Hz; 0 Hz is no high cut."""

    low_cut_hz: float = 30.0
    high_cut_hz: float = 0.0
    air_db: float = 0.0
    body_db: float = 0.0
    width: float = 1.0


#: Below this frequency a note is mono: basses that differ between the ears vanish on small speakers.
MONO_BELOW_HZ = 140.0


_ROOT_2J = np.complex64(1j * np.sqrt(2.0))


def _single(hz: Hz) -> Floats:
    """In single precision: filters of half a million bins are most of a note's cost."""
    return hz.astype(np.float32, copy=False)


def low_pass(hz: Hz, cutoff_hz: float) -> Spectrum:
    """Second-order Butterworth low-pass at frequencies `hz`."""
    u = _single(hz) / np.float32(cutoff_hz)
    below: Spectrum = 1.0 - u * u + _ROOT_2J * u
    return np.reciprocal(below)


def high_pass(hz: Hz, cutoff_hz: float) -> Spectrum:
    """Second-order Butterworth high-pass at frequencies `hz`."""
    u = _single(hz) / np.float32(cutoff_hz)
    square = u * u
    below: Spectrum = 1.0 - square + _ROOT_2J * u
    return np.divide(-square, below)


def shelf(hz: Hz, corner_hz: float, low_db: float, high_db: float) -> Spectrum:
    """First-order shelf from `low_db` far below the corner to `high_db` far above."""
    low, high = np.float32(10.0 ** (low_db / 20.0)), np.float32(10.0 ** (high_db / 20.0))
    s = np.complex64(1j) * (_single(hz) / np.float32(corner_hz))
    gains: Spectrum = (low + high * s) / (1.0 + s)
    return gains


def response(tone: Tone, hz: Hz) -> Spectrum:
    """The whole equaliser of a tone at frequencies `hz`."""
    total = high_pass(hz, tone.low_cut_hz)
    if tone.high_cut_hz > 0.0:
        total = total * low_pass(hz, tone.high_cut_hz)
    if tone.air_db:
        total = total * shelf(hz, 4000.0, 0.0, tone.air_db)
    if tone.body_db:
        total = total * shelf(hz, 250.0, tone.body_db, 0.0)
    return total


def apply_tone(samples: Floats, rate: int, tone: Tone) -> Floats:
    """Filter [2 N] by a tone and set its width; the length stays."""
    from scipy import fft

    frames = samples.shape[1]
    size = fft.next_fast_len(frames + rate // 10, real=True)
    spectrum: Spectrum = fft.rfft(samples, size, axis=1)
    hz = np.arange(spectrum.shape[1]) * (rate / size)
    spectrum = set_width(spectrum * response(tone, hz), hz, tone.width)
    filtered: Floats = fft.irfft(spectrum, size, axis=1)[:, :frames].astype(np.float32)
    return filtered


def set_width(spectrum: Spectrum, hz: Hz, width: float) -> Spectrum:
    """Scale the side signal of a stereo spectrum [2 F] by `width`, and remove it in the lows."""
    middle = 0.5 * (spectrum[0] + spectrum[1])
    side = 0.5 * (spectrum[0] - spectrum[1]) * high_pass(hz, MONO_BELOW_HZ) * np.float32(width)
    return np.stack([middle + side, middle - side])
