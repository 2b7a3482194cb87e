"""Log-mel spectrograms for the CLAP audio tower: the only view of sound that it has."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from torch import Tensor

SAMPLE_RATE = 22_050
N_FFT = 2048
HOP = 1024
BANDS = 64
LOW_HZ = 30.0
_REACH = 10  # of scipy's filter between rates, in periods of the lower one


def mel_filters(bands: int = BANDS, n_fft: int = N_FFT, sample_rate: int = SAMPLE_RATE) -> Tensor:
    """Triangular filters [bands n_fft / 2 + 1] centred evenly on the mel scale (HTK: 2595 lg(1 + f / 700))."""
    mel = torch.linspace(_mel(LOW_HZ), _mel(sample_rate / 2), bands + 2, dtype=torch.float64)
    edges = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rise, fall).clamp(min=0.0).float()


def mono(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Samples [C N] at any rate -> [N'] at SAMPLE_RATE, a minute at a time to save memory."""
    if sample_rate == SAMPLE_RATE:
        mixed: NDArray[np.float32] = samples.mean(axis=0)
        return mixed
    common = math.gcd(SAMPLE_RATE, sample_rate)
    up, down = SAMPLE_RATE // common, sample_rate // common
    margin = _REACH * max(up, down) // up // down * down + down  # further than the filter reaches
    block = max(1, 60 * sample_rate // down) * down
    parts = []
    for start in range(0, samples.shape[1], block):
        before = min(start, margin)
        mixed = samples[:, start - before : start + block + margin].mean(axis=0)
        fine = resample_poly(mixed, up, down)[before * up // down :]
        left = -(-(samples.shape[1] - start) * up // down)
        parts.append(fine[: min(block * up // down, left)].astype(np.float32))
    out: NDArray[np.float32] = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return out


def log_mel(samples: Tensor, filters: Tensor) -> Tensor:
    """Samples [B N] at SAMPLE_RATE -> [B bands F] in units of 20 dB, its own 95th percentile at 0, floor at -4.

    Taking each clip relative to its own level makes the view independent of loudness.
    """
    window = torch.hann_window(N_FFT, device=samples.device)
    power = torch.stft(samples, N_FFT, HOP, window=window, return_complex=True).abs().square()
    level = 10.0 * torch.log10(filters.to(samples.device) @ power + 1e-10)
    top = level.flatten(1).quantile(0.95, dim=1)[:, None, None]
    return ((level - top) / 20.0).clamp(-4.0, 2.0)


def _mel(hz: float) -> float:
    return 2595.0 * math.log10(1.0 + hz / 700.0)
