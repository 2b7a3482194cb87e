"""Tuning: how phases of low bins turn, known from the score; a mel spectrogram does not hold the pitch of a bass.

A sine turns the phase of all bins that it reaches by its own frequency. Which sines there are, a score says: partials
of what is played, as loud as the instrument's spectrum is there (Ewert et al. 2014, "Score-Informed Source Separation
for Musical Audio Recordings", use scores so).
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.mel import MelConfig
from generators.audio.sketch import Orchestra, centres_hz, lasting, spans
from generators.audio.vocoder import Spectra
from generators.score.performance import Performance
from generators.score.score import PITCHED, Role

BINS = 48  # up to 1 kHz; above, a semitone is wider than two bins
MAIN_LOBE = 2.0  # of a Hann window, in bins to each side
MOST = 0.95  # that the score has to say, where nothing else sounds
SILENT = 1e-10  # energy, beside which partials say nothing
A4_HZ, A4 = 440.0, 69

Tuning = NDArray[np.complex64]
Floats = NDArray[np.float32]


def tuning_of(orchestra: Orchestra, performance: Performance, *, parts: int, part_s: float) -> Tuning:
    """Mean directions [parts BINS] by which phases turn from part to part, beside those of the bins themselves.

    They are as long as their share in what sounds there: of two partials in one bin the louder one wins, and drums hide
    both. `parts` of `part_s` seconds; in a loop what lasts over the end goes on at the start.
    """
    turns = np.zeros((parts, BINS), np.complex64)
    heard = np.full((parts, BINS), SILENT, np.float32)
    for role in PITCHED:
        for player in orchestra.players(role):
            keys: dict[int, tuple[Tuning, Floats]] = {}
            for note in performance.parts.get(role, ()):
                key, envelope = player.struck(note, part_s)
                if key not in keys:
                    bands, reach, directions = _partials(key)
                    partials = player.aged(key, part_s)[:, bands] * player.colour[0, bands]
                    keys[key] = partials @ directions, partials @ reach
                turned, sounds = lasting(keys[key][0], len(envelope)), lasting(keys[key][1], len(envelope))
                for at, of_note in spans(note.onset_s, len(envelope), parts, part_s, loop=performance.loop):
                    turns[at] += envelope[of_note, None] * turned[of_note]
                    heard[at] += envelope[of_note, None] * sounds[of_note]
    drums = {Role.DRUMS: performance.parts.get(Role.DRUMS, ())}
    noise = orchestra.energies(replace(performance, parts=drums), parts=parts, part_s=part_s)
    out: Tuning = (turns / (heard + noise[:, 0, _bands(_bins_hz())])).astype(np.complex64)
    return out


def tuned(told: Spectra, tuning: Tuning) -> Spectra:
    """What a vocoder tells of F frames, with what the score knows [F BINS] of how phases turn."""
    known = torch.from_numpy(tuning.T[: told.turn.shape[2]].copy())
    low = told.turn[:, :, : len(known)]
    turn = (1.0 - MOST * known.abs()) * low + MOST * known
    return replace(told, turn=torch.cat([turn, told.turn[:, :, len(known) :]], dim=2))


@lru_cache(maxsize=128)
def _partials(key: int) -> tuple[NDArray[np.int64], Floats, Tuning]:
    """Of a key's partials: the bands that they lie in [H], their power in each bin, how they turn it [H BINS]."""
    config = MelConfig()
    width_hz = config.sample_rate / config.n_fft
    fundamental_hz = A4_HZ * 2.0 ** ((key - A4) / 12)
    hz = fundamental_hz * np.arange(1, max(1, int(BINS * width_hz / fundamental_hz)) + 1)
    apart = (hz[:, None] - _bins_hz()) / width_hz
    shape = np.sinc(apart) / np.where(np.abs(np.abs(apart) - 1.0) < 1e-6, np.inf, 1.0 - apart**2)
    shape = np.where(np.abs(np.abs(apart) - 1.0) < 1e-6, 0.5, shape)  # of a Hann window's spectrum
    reach = np.where(np.abs(apart) < MAIN_LOBE, shape**2, 0.0)
    turned = np.exp(2j * np.pi * config.hop / config.n_fft * apart)
    return _bands(hz), reach.astype(np.float32), (reach * turned).astype(np.complex64)


def _bins_hz() -> NDArray[np.float64]:
    config = MelConfig()
    return np.arange(BINS, dtype=np.float64) * (config.sample_rate / config.n_fft)


def _bands(hz: NDArray[np.float64]) -> NDArray[np.int64]:
    """The band nearest to each frequency."""
    nearest: NDArray[np.int64] = np.abs(centres_hz() - hz[:, None]).argmin(axis=1)
    return nearest
