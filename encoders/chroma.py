"""Pitch classes of a clip: what tells major from minor, which mel bands are too wide for."""

import torch
from torch import Tensor

from encoders.mel import SAMPLE_RATE

CLASSES = 12
N_FFT = 8192
HOP = 4096
LOW_HZ, HIGH_HZ = 65.0, 1800.0  # lower, semitones are narrower than a bin; higher, partials outnumber fundamentals
_SHARPNESS = 0.35  # of a semitone: width of the bell that a bin's energy is weighed by


def chroma_filters(n_fft: int = N_FFT, sample_rate: int = SAMPLE_RATE) -> Tensor:
    """Weights [12 n_fft / 2 + 1] of every bin for every pitch class (C first), equal temperament at A = 440 Hz."""
    hz = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sample_rate / n_fft
    pitch = 69.0 + 12.0 * torch.log2(hz.clamp(min=1.0) / 440.0)
    away = (pitch[None] - torch.arange(CLASSES, dtype=torch.float64)[:, None] + 6.0) % CLASSES - 6.0
    weights = torch.exp(-0.5 * (away / _SHARPNESS).square())
    return (weights * ((hz >= LOW_HZ) & (hz <= HIGH_HZ))).float()


def chroma(samples: Tensor, filters: Tensor) -> Tensor:
    """Samples [B N] at SAMPLE_RATE -> [B 12]: each class's share of the clip, level and length taken out, sum 1.

    Frames count by the square root of their power, so that one loud chord does not speak for all.
    """
    window = torch.hann_window(N_FFT, device=samples.device)
    size = torch.stft(samples, N_FFT, HOP, window=window, return_complex=True).abs()
    profile = (filters.to(samples.device) @ size).sqrt().sum(dim=-1)
    out: Tensor = profile / profile.sum(dim=-1, keepdim=True).clamp(min=1e-9)
    return out
