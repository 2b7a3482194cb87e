"""A synthetic room: early reflections and a decaying tail as a stereo response, and fast convolution with it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generators.render.palette import Room
from generators.render.tone import Floats, high_pass, low_pass, shelf

WET_LOW_CUT_HZ = 190.0  # a room full of bass is mud
_REFLECTIONS = 14


@lru_cache(maxsize=32)
def impulse_response(room: Room, rate: int) -> Floats:
    """Stereo response [2 N] with unit energy in each channel; the same room gives the same samples."""
    rng = np.random.default_rng(20_250)
    frames = int(rate * (room.predelay_s + 1.05 * room.decay_s))
    seconds = np.arange(frames) / rate - room.predelay_s
    tail = np.zeros((2, frames))
    for low_hz, high_hz, stretch in ((0.0, 600.0, 1.1), (600.0, 3500.0, 1.0), (3500.0, 0.0, 0.55)):
        band = _band(rng.standard_normal((2, frames)), rate, low_hz, high_hz)
        tail += band * np.exp(-6.9 * np.maximum(seconds, 0.0) / (room.decay_s * stretch))
    onset = np.clip(seconds / (0.02 + 0.03 * room.decay_s / 2.0), 0.0, 1.0)
    tail *= np.where(seconds > 0.0, onset, 0.0)
    tail /= np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    whole = 0.9 * tail + 0.42 * _early(room, rate, frames, rng)
    hz = np.fft.rfftfreq(2 * frames, 1.0 / rate)
    spectrum = np.fft.rfft(whole, 2 * frames, axis=1) * high_pass(hz, WET_LOW_CUT_HZ)
    spectrum = spectrum * low_pass(hz, min(room.damping_hz * 2.0, 0.49 * rate)) * shelf(hz, room.damping_hz, 0.0, -5.0)
    response = np.fft.irfft(spectrum, 2 * frames, axis=1)[:, :frames]
    response *= np.linspace(1.0, 0.0, frames) ** 0.25
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    return response.astype(np.float32)


def _band(noise: NDArray[np.float64], rate: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    frames = noise.shape[1]
    spectrum = np.fft.rfft(noise, axis=1)
    hz = np.fft.rfftfreq(frames, 1.0 / rate)
    keep = (hz >= low_hz) & (hz < (high_hz or rate))
    band: NDArray[np.float64] = np.fft.irfft(spectrum * keep, frames, axis=1)
    return band


def _early(room: Room, rate: int, frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Separate echoes off the walls, other ones in each ear."""
    out = np.zeros((2, frames))
    span_s = 0.02 + 0.02 * room.decay_s
    for channel in range(2):
        delays = room.predelay_s * 0.5 + np.sort(rng.uniform(0.004, span_s, _REFLECTIONS))
        gains = rng.choice([-1.0, 1.0], _REFLECTIONS) * np.geomspace(1.0, 0.25, _REFLECTIONS)
        np.add.at(out[channel], np.minimum((delays * rate).astype(int), frames - 1), gains)
    energy = np.sqrt(np.sum(out**2, axis=1, keepdims=True))
    scaled: NDArray[np.float64] = out / energy
    return scaled


def reverberate(target: Floats, send: NDArray[np.float32], response: Floats, *, loop: bool) -> None:
    """Add the room's answer to a mono send [N] into [2 N]; what rings on past the end is dropped, or wraps around."""
    from scipy import fft

    frames, length = len(send), response.shape[1]
    block = fft.next_fast_len(min(frames, max(4 * length, 1 << 17)) + length, real=True)
    hop = block - length
    spectrum = fft.rfft(response, block, axis=1)
    for start in range(0, frames, hop):
        piece = fft.rfft(send[start : start + hop], block)
        answer = fft.irfft(piece * spectrum, block, axis=1)
        add_wrapped(target, answer, start, loop=loop)


def add_wrapped(target: Floats, sound: Floats, start: int, *, loop: bool) -> None:
    """Add [2 n] into [2 N] at a frame that may lie before the start; what sticks out is dropped or wraps around."""
    frames, length = target.shape[1], sound.shape[1]
    if not loop:
        first, last = max(start, 0), min(start + length, frames)
        if first < last:
            target[:, first:last] += sound[:, first - start : last - start]
        return
    done = 0
    at = start % frames
    while done < length:
        part = min(frames - at, length - done)
        target[:, at : at + part] += sound[:, done : done + part]
        done += part
        at = 0
