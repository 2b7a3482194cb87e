"""The front end of the audio engine: log-mel spectrograms of the middle and the sides of stereo, and their balance."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from generators.errors import InvalidAudio

FLOOR = 1e-5  # of magnitude, relative to a sine at full scale: -100 dB
CHANNELS = 2
VIEWS = 3  # middle, side, and how much louder left is than right: magnitudes alone do not tell the sides apart


@dataclass(frozen=True, slots=True)
class MelConfig:
    """sample_rate in Hz; n_fft and hop in samples; the bands reach from `low_hz` to half the rate."""

    sample_rate: int = 44_100
    n_fft: int = 2048
    hop: int = 512
    bands: int = 128
    low_hz: float = 20.0

    @property
    def bins(self) -> int:
        """Frequencies of one spectrum."""
        return self.n_fft // 2 + 1

    @property
    def margin(self) -> int:
        """Samples by which a frame reaches beyond its own hop, on both sides."""
        return (self.n_fft - self.hop) // 2


def mel_filters(config: MelConfig) -> Tensor:
    """Triangular filters [bands bins], evenly spaced on the mel scale (HTK: 2595 lg(1 + f / 700)), summing to about 1.

    Where bands are narrower than bins, a band is what interpolation between the two nearest bins gives.
    """
    limits = torch.tensor([config.low_hz, 0.5 * config.sample_rate], dtype=torch.float64)
    low, high = (2595.0 * torch.log10(1.0 + limits / 700.0)).tolist()
    mel = torch.linspace(low, high, config.bands + 2, dtype=torch.float64)
    edges = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    width = config.sample_rate / config.n_fft
    edges[:-2] = torch.minimum(edges[:-2], edges[1:-1] - width)
    edges[2:] = torch.maximum(edges[2:], edges[1:-1] + width)
    hz = torch.linspace(0, 0.5 * config.sample_rate, config.bins, dtype=torch.float64)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rise, fall = (hz - left) / (centre - left), (right - hz) / (right - centre)
    filters = torch.minimum(rise, fall).clamp(min=0.0)
    return (filters / filters.sum(1, keepdim=True)).float()


def mid_side(stereo: Tensor, *, dim: int = -2) -> Tensor:
    """Left and right -> middle (l + r) / 2 and side (l - r) / 2, along an axis of two."""
    left, right = stereo.unbind(dim)
    return torch.stack([0.5 * (left + right), 0.5 * (left - right)], dim=dim)


def left_right(pair: Tensor, *, dim: int = -2) -> Tensor:
    """The inverse of `mid_side`."""
    return 2.0 * mid_side(pair, dim=dim)


def window(config: MelConfig, device: torch.device | None = None) -> Tensor:
    """The Hann window [n_fft] of analysis and synthesis."""
    return torch.hann_window(config.n_fft, device=device)


def spectrum(samples: Tensor, config: MelConfig) -> Tensor:
    """Samples [... N], N a multiple of the hop -> complex spectra [... bins N / hop]; a sine at full scale has size 1.

    Frame f is centred on the middle of hop f; beyond the ends there is silence.
    """
    flat = functional.pad(samples.reshape(-1, samples.shape[-1]), (config.margin, config.margin))
    shape = window(config, samples.device)
    out = torch.stft(flat, config.n_fft, config.hop, window=shape, center=False, return_complex=True)
    return (out * (2.0 / float(shape.sum()))).reshape(*samples.shape[:-1], config.bins, -1)


def mel_of(magnitudes: Tensor, filters: Tensor) -> Tensor:
    """Magnitudes [... bins F] -> log-mel [... bands F] in nepers, not below ln FLOOR."""
    return (filters @ magnitudes).clamp(min=FLOOR).log()


def log_mel(samples: Tensor, config: MelConfig, filters: Tensor | None = None) -> Tensor:
    """Stereo [... 2 N] -> views [... 3 bands F] in nepers, F = N / hop rounded up.

    The first two are the log-mel of middle and side, the third is that of the left less that of the right.

    Raises:
        InvalidAudio: the sound is not stereo, is empty, or holds values that are not numbers.
    """
    check(samples)
    samples = functional.pad(samples, (0, -samples.shape[-1] % config.hop))
    filters = mel_filters(config).to(samples.device) if filters is None else filters
    return views_of(spectrum(samples, config), filters)


def views_of(stereo: Tensor, filters: Tensor) -> Tensor:
    """Complex spectra of left and right [... 2 bins F] -> views [... 3 bands F]; a Fourier transform is linear."""
    left, right = mel_of(stereo.abs(), filters).unbind(-3)
    middle, side = mel_of(mid_side(stereo, dim=-3).abs(), filters).unbind(-3)
    return torch.stack([middle, side, left - right], dim=-3)


def check(samples: Tensor) -> None:
    """Refuse what is not stereo sound [... 2 N]."""
    if samples.ndim < 2 or samples.shape[-2] != CHANNELS:
        raise InvalidAudio(f"sound of shape {tuple(samples.shape)} is not stereo; give samples [2 N]")
    if samples.shape[-1] == 0:
        raise InvalidAudio("the sound is empty; give at least one sample")
    if not bool(torch.isfinite(samples).all()):
        raise InvalidAudio("the sound holds values that are not numbers; export it again")
