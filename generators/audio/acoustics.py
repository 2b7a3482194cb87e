"""Rooms and loudness in energies of bands, for spectrograms that are rendered without any sound."""

from functools import cache, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.mel import MelConfig, mel_filters, mid_side, spectrum
from generators.render.palette import Room
from generators.render.room import impulse_response

Floats = NDArray[np.float32]
TARGET_LUFS = -14.0
BLOCK = 34  # spectra in the 0.4 s over which loudness is measured
GATE_LUFS, RELATIVE_GATE_DB = -70.0, -10.0


def reverberated(energies: Floats, sent: NDArray[np.floating], room: Room, *, loop: bool) -> Floats:
    """Energies [F 2 BANDS] of middle and side with what a room answers to the sound that is sent to it [F BANDS]."""
    from scipy.signal import fftconvolve

    answer = room_energies(room).astype(sent.dtype)
    whole = fftconvolve(sent[:, None], answer, axes=0)
    out = energies + whole[: len(sent)].clip(0.0)
    rest = whole[len(sent) :]
    if loop:
        for start in range(0, len(rest), len(sent)):
            turn = rest[start : start + len(sent)].clip(0.0)
            out[: len(turn)] += turn
    heard: Floats = out.astype(np.float32)
    return heard


@lru_cache(maxsize=32)
def room_energies(room: Room) -> Floats:
    """Of a click's energy in each band, what comes back, spectrum by spectrum, in middle and side [F 2 BANDS]."""
    config, filters = MelConfig(), mel_filters(MelConfig())
    heard = impulse_response(room, config.sample_rate)
    click = np.zeros_like(heard[:, : 4 * config.n_fft])
    click[:, 2 * config.n_fft] = 1.0
    sizes = [
        (filters @ mid_side(_spectrum(samples, config), dim=0).abs()).square().numpy() for samples in (heard, click)
    ]
    energies: Floats = (sizes[0] / sizes[1][:1].sum(axis=-1, keepdims=True)).transpose(2, 0, 1).astype(np.float32)
    return energies


def at_loudness(energies: Floats, target_lufs: float = TARGET_LUFS) -> Floats:
    """Energies [F 2 BANDS] scaled to a loudness (ITU-R BS.1770, gated); silence stays."""
    power = ((energies.sum(axis=1) * _weights()).sum(axis=-1)).astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(power)])
    block = min(BLOCK, len(power))
    blocks = (total[block:] - total[:-block]) / block
    level = -0.691 + 10.0 * np.log10(np.maximum(blocks, 1e-20))
    loud = level > GATE_LUFS
    if not loud.any():
        return energies
    loud &= level > 10.0 * np.log10(blocks[loud].mean()) - 0.691 + RELATIVE_GATE_DB
    measured = -0.691 + 10.0 * np.log10(blocks[loud].mean())
    scaled: Floats = energies * np.float32(10.0 ** ((target_lufs - measured) / 10.0))
    return scaled


def _spectrum(samples: Floats, config: MelConfig) -> torch.Tensor:
    padded = np.pad(samples, ((0, 0), (0, -samples.shape[1] % config.hop)))
    return spectrum(torch.from_numpy(padded), config)


@cache
def _weights() -> Floats:
    """What a band's energy in middle or side adds to the K-weighted power of both channels [BANDS].

    A spectrum of Hann windows in which a sine at full scale has size 1 holds three times its power, over all bins.
    """
    import pyloudnorm
    from scipy.signal import freqz

    config = MelConfig()
    filters = mel_filters(config).numpy()
    hz = np.linspace(0, 0.5 * config.sample_rate, config.bins)
    weighting = np.ones(config.bins)
    for stage in pyloudnorm.Meter(config.sample_rate)._filters.values():
        weighting *= np.abs(freqz(stage.b, stage.a, hz, fs=config.sample_rate)[1]) ** 2
    # each bin's power, told by the bands that see it
    share = filters / np.maximum(filters.sum(axis=0, keepdims=True), 1e-6)
    weights: Floats = (2.0 / 3.0 * (share * weighting).sum(axis=1)).astype(np.float32)
    return weights
