"""What a tower is told beside the spectrogram: its pulse and its mode, which convolutions are slow to find."""

import torch
from torch import Tensor

#: Probe-tone ratings of pitch classes in a major and a minor key (Krumhansl 1990, tonic first).
_PROFILES = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
GROUPS = 4  # of mel bands, low to high
LAGS = (4, 100)  # frames: with 46 ms a frame, periods from 0.19 to 4.6 s, one beat to two bars
PULSE = GROUPS * (LAGS[1] - LAGS[0])
HARMONY = 2 + 12


def pulse(mel: Tensor) -> Tensor:
    """Log-mel [B M F] -> [B PULSE]: how onsets of each group of bands repeat, by period (autocorrelation, lag 0 at 1).

    Tempo read from the periodicity of spectral flux: Scheirer 1998; Grosche, Mueller and Kurth 2010.
    """
    flux = mel.diff(dim=-1).clamp(min=0.0)
    onsets = torch.stack([band.mean(dim=1) for band in flux.chunk(GROUPS, dim=1)], dim=1)
    onsets = onsets - onsets.mean(dim=-1, keepdim=True)
    spectrum = torch.fft.rfft(onsets, n=2 * max(onsets.shape[-1], LAGS[1]))
    repeats = torch.fft.irfft(spectrum.abs().square())
    shares = repeats[..., LAGS[0] : LAGS[1]] / repeats[..., :1].clamp(min=1e-6)
    flat: Tensor = shares.flatten(1)
    return flat


def harmony(chroma: Tensor) -> Tensor:
    """Pitch classes [B 12] -> [B HARMONY]: fit of the best major and minor key, and the classes from the better tonic.

    Correlation with the probe-tone profiles (Krumhansl and Schmuckler); the same music in another key gives the same.
    """
    profiles = torch.tensor(_PROFILES, dtype=chroma.dtype, device=chroma.device)
    turned = torch.stack([profiles.roll(k, dims=1) for k in range(12)], dim=1)  # [2 12 12]: mode, tonic, class
    fits = torch.einsum("bc,mkc->bmk", _standard(chroma), _standard(turned)) / chroma.shape[-1]
    tonic = fits.amax(dim=1).argmax(dim=1)
    order = (tonic[:, None] + torch.arange(12, device=chroma.device)) % 12
    return torch.cat([fits.amax(dim=2), 12.0 * chroma.gather(1, order)], dim=1)


def _standard(x: Tensor) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    out: Tensor = centred / centred.std(dim=-1, keepdim=True, unbiased=False).clamp(min=1e-6)
    return out
