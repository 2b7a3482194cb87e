"""How near a sound comes to another: log-spectra at several resolutions, the low band as a wave, buzz and clicks."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import signal
from torch import Tensor

from generators.audio.inverse import overlap_add
from generators.audio.mel import MelConfig, mel_filters, spectrum

RESOLUTIONS = (512, 1024, 2048, 4096)  # of windows, in samples; hops are a quarter
RANGE_DB = 80.0  # below the loudest bin of the true sound, where comparing ends
LOW_HZ = 150.0
ROUNDS, MOMENTUM = 60, 0.99  # of Griffin and Lim's algorithm, the fast one of Perraudin et al. 2013
TOP_HZ = 2000.0  # up to which partials are looked for
Floats = NDArray[np.float32]


def log_spectral_distance(made: Floats, true: Floats) -> float:
    """Root mean square over bins, mean over frames and RESOLUTIONS, of differences in dB between sounds [C N]."""
    return float(np.mean([_distance(made, true, n_fft) for n_fft in RESOLUTIONS]))


def low_band_si_sdr(made: Floats, true: Floats, sample_rate: int) -> float:
    """`si_sdr` of the middle below LOW_HZ."""
    low = signal.butter(4, LOW_HZ, fs=sample_rate, output="sos")
    a, b = (signal.sosfiltfilt(low, x.mean(axis=0, dtype=np.float64)) for x in (made, true))
    return si_sdr(a, b)


def si_sdr(made: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Scale-invariant ratio of signal to distortion in dB of samples [N] (Le Roux et al. 2019)."""
    aim = true * (np.dot(made, true) / max(float(np.dot(true, true)), 1e-12))
    rest = made - aim
    return 10.0 * math.log10(max(float(np.dot(aim, aim)), 1e-12) / max(float(np.dot(rest, rest)), 1e-12))


def griffin_lim(views: Tensor, config: MelConfig, *, rounds: int = ROUNDS, seed: int = 0) -> Floats:
    """The control: views [3 bands F] -> left and right [2 F hop], phases found by alternating projections.

    Magnitudes are the least squares behind the mel, shared out between left and right as the views tell.
    """
    middle, side = 2.0 * views[0], 2.0 * views[1]
    both = torch.logaddexp(middle, side) + math.log(2.0)  # l^2 + r^2 = 2 (m^2 + s^2)
    power = torch.stack([both - torch.nn.functional.softplus(sign * 2.0 * views[2]) for sign in (-1.0, 1.0)])
    size = (torch.linalg.pinv(mel_filters(config)) @ (0.5 * power).exp()).clamp(min=0.0)
    turns = torch.rand(size.shape, generator=torch.Generator().manual_seed(seed))
    frames, before = torch.polar(size, 2.0 * math.pi * turns), torch.zeros(size.shape, dtype=torch.complex64)
    for _ in range(rounds):
        found = spectrum(overlap_add(frames, config), config)
        ahead = found + MOMENTUM * (found - before)
        frames, before = size * ahead / ahead.abs().clamp(min=1e-9), found
    sound: Floats = overlap_add(frames, config).numpy()
    return sound


@dataclass(frozen=True, slots=True)
class Blemishes:
    """What should not be heard, of a sound that is put together from frames.

    between_db: of the quiet quarter of bins below TOP_HZ, under the loudest hundredth, in loud frames;
    click_ratio: median steepness above 8 kHz at the worst place within a hop over that of all places, 1 without clicks;
    buzz_db: level at multiples of the frame rate over that half-way between them, 0 without a comb.
    """

    between_db: float
    click_ratio: float
    buzz_db: float


def blemishes(sound: Floats, config: MelConfig) -> Blemishes:
    """Measure them in the middle of [2 N]."""
    mono = sound.mean(axis=0, dtype=np.float64)
    hz, _, spectra = signal.stft(mono, config.sample_rate, nperseg=8192, noverlap=6144, boundary=None, padded=False)
    size = np.abs(spectra)[hz < TOP_HZ] + 1e-9
    peaks, valleys = np.percentile(size, 99, axis=0), np.percentile(size, 25, axis=0)
    loud = peaks > np.median(peaks)
    between_db = float(np.median(20.0 * np.log10(valleys[loud] / peaks[loud])))
    steep = np.abs(np.diff(signal.sosfilt(signal.butter(4, 8000.0, "high", fs=config.sample_rate, output="sos"), mono)))
    folded = steep[: len(steep) // config.hop * config.hop].reshape(-1, config.hop)
    by_place = np.median(folded, axis=0)  # over hops: an attack now and then is music
    mean = np.abs(np.fft.rfft(mono * np.hanning(len(mono)))) ** 2
    return Blemishes(between_db, float(by_place.max() / max(by_place.mean(), 1e-12)), _comb_db(mean, config, len(mono)))


def _comb_db(power: NDArray[np.float64], config: MelConfig, samples: int) -> float:
    """Level of a long spectrum at multiples of the frame rate over the level half-way between, in dB, to 5 kHz."""
    step = samples / config.hop  # of bins
    reach = max(1, round(0.02 * step))

    def level(offset: float) -> float:
        places = np.round((np.arange(4, round(5000.0 * config.hop / config.sample_rate)) + offset) * step).astype(int)
        return float(np.median([power[p - reach : p + reach + 1].mean() for p in places]))

    return 10.0 * math.log10((level(0.0) + 1e-12) / (level(0.5) + 1e-12))


def _distance(made: Floats, true: Floats, n_fft: int) -> float:
    levels = []
    shape = torch.hann_window(n_fft)
    for x in (made, true):
        power = torch.stft(torch.from_numpy(x), n_fft, n_fft // 4, window=shape, return_complex=True).abs().square()
        levels.append(power)
    floor = float(levels[1].max()) * 10.0 ** (-RANGE_DB / 10.0) + 1e-20
    made_db, true_db = (10.0 * (x.clamp(min=floor)).log10() for x in levels)
    return float((made_db - true_db).square().mean(1).sqrt().mean())
