"""Ways to spoil a sound by a known amount: what a distance between sets of music must notice."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from generators.waveform import Waveform

Floats = NDArray[np.float32]
JOIN_S = 0.01  # blocks are cross-faded, so that shuffling is heard as a broken order, not as clicks


class Spoiling(StrEnum):
    """The kinds that the judge is trained to tell, each with the unit of its amount."""

    NOISE = "white noise"  # signal-to-noise ratio in dB
    SHUFFLE = "time shuffling"  # seconds of a block
    CLIPPING = "hard clipping"  # drive in dB above the peak
    LOWPASS = "lowpass"  # cut-off in Hz


SPOILINGS: tuple[Spoiling, ...] = tuple(Spoiling)
#: (mildest, hardest) amount of each kind in training.
RANGES: dict[Spoiling, tuple[float, float]] = {
    Spoiling.NOISE: (40.0, 0.0),
    Spoiling.SHUFFLE: (1.2, 0.2),
    Spoiling.CLIPPING: (4.0, 30.0),
    Spoiling.LOWPASS: (6000.0, 600.0),
}


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A kind with its amount in the kind's unit."""

    kind: Spoiling
    amount: float

    @property
    def strength(self) -> float:
        """Where the amount lies between mildest (0) and hardest (1); cut-offs and blocks on a logarithmic scale."""
        mild, hard = RANGES[self.kind]
        if self.kind in {Spoiling.SHUFFLE, Spoiling.LOWPASS}:
            return float(np.clip(np.log(self.amount / mild) / np.log(hard / mild), 0.0, 1.0))
        return float(np.clip((self.amount - mild) / (hard - mild), 0.0, 1.0))

    def applied(self, wave: Waveform, seed: int) -> Waveform:
        """The spoiled sound, of the same length and rate; the same seed, the same sound."""
        rng = np.random.default_rng(seed)
        match self.kind:
            case Spoiling.NOISE:
                return white_noise(wave, self.amount, rng)
            case Spoiling.SHUFFLE:
                return shuffled(wave, self.amount, rng)
            case Spoiling.CLIPPING:
                return clipped(wave, self.amount)
            case Spoiling.LOWPASS:
                return lowpassed(wave, self.amount)


def drawn(rng: np.random.Generator) -> Spoiled:
    """A random kind, its strength uniform between mildest and hardest."""
    kind = SPOILINGS[int(rng.integers(len(SPOILINGS)))]
    mild, hard = RANGES[kind]
    strength = float(rng.uniform())
    if kind in {Spoiling.SHUFFLE, Spoiling.LOWPASS}:
        return Spoiled(kind, mild * (hard / mild) ** strength)
    return Spoiled(kind, mild + strength * (hard - mild))


def white_noise(wave: Waveform, snr_db: float, rng: np.random.Generator) -> Waveform:
    """Gaussian noise added at a ratio of mean powers."""
    return _with_noise(wave, rng.standard_normal(wave.samples.shape), snr_db)


def pink_noise(wave: Waveform, snr_db: float, rng: np.random.Generator) -> Waveform:
    """The same with a power that falls by 3 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(wave.samples.shape))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[-1]), 1.0))
    return _with_noise(wave, np.fft.irfft(spectrum, wave.samples.shape[-1]), snr_db)


def shuffled(wave: Waveform, block_s: float, rng: np.random.Generator) -> Waveform:
    """Blocks in random order, cross-faded over `JOIN_S`."""
    frames = wave.samples.shape[-1]
    size, join = max(1, round(block_s * wave.sample_rate)), round(JOIN_S * wave.sample_rate)
    starts = np.arange(0, frames, size)
    padded = np.pad(wave.samples, ((0, 0), (0, size + join)))
    rise = np.sin(0.5 * np.pi * (np.arange(join) + 0.5) / max(join, 1)) ** 2
    window = np.concatenate([rise, np.ones(max(0, size - join)), rise[::-1]])
    out = np.zeros_like(padded)
    for place, start in zip(starts, rng.permutation(starts), strict=True):
        out[:, place : place + len(window)] += padded[:, start : start + len(window)] * window
    return Waveform(out[:, :frames].astype(np.float32), wave.sample_rate)


def clipped(wave: Waveform, drive_db: float) -> Waveform:
    """Driven beyond full scale from its own peak, cut off there, then as loud (RMS) as before."""
    peak = max(float(np.abs(wave.samples).max(initial=0.0)), 1e-9)
    hot = np.clip(wave.samples * (10.0 ** (drive_db / 20.0) / peak), -1.0, 1.0)
    level = _rms(wave.samples) / max(_rms(hot), 1e-9)
    return Waveform((hot * level).astype(np.float32), wave.sample_rate)


def lowpassed(wave: Waveform, cutoff_hz: float) -> Waveform:
    """A Butterworth filter of fourth order, forwards and backwards."""
    from scipy.signal import butter, sosfiltfilt

    sos = butter(4, cutoff_hz, fs=wave.sample_rate, output="sos")
    return Waveform(sosfiltfilt(sos, wave.samples).astype(np.float32), wave.sample_rate)


def crushed(wave: Waveform, bits: int) -> Waveform:
    """Rounded to so many bits below its own peak."""
    step = max(float(np.abs(wave.samples).max(initial=0.0)), 1e-9) / 2.0 ** (bits - 1)
    return Waveform((np.round(wave.samples / step) * step).astype(np.float32), wave.sample_rate)


def wobbling(wave: Waveform, cents: float, rate_hz: float = 4.0) -> Waveform:
    """A tape that runs unevenly: pitch swings by `cents` either way, `rate_hz` times a second."""
    at = np.arange(wave.samples.shape[-1]) / wave.sample_rate
    depth_s = (2.0 ** (cents / 1200.0) - 1.0) / (2.0 * np.pi * rate_hz)
    read = (at + depth_s * np.sin(2.0 * np.pi * rate_hz * at)) * wave.sample_rate
    rows = [np.interp(read, np.arange(len(row)), row) for row in wave.samples]
    return Waveform(np.stack(rows).astype(np.float32), wave.sample_rate)


def _with_noise(wave: Waveform, noise: NDArray[np.float64], snr_db: float) -> Waveform:
    gain = _rms(wave.samples) / max(_rms(noise), 1e-12) * 10.0 ** (-snr_db / 20.0)
    return Waveform((wave.samples + gain * noise).astype(np.float32), wave.sample_rate)


def _rms(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
