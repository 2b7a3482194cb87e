"""Stems of sung music: each role gets, of every bin of the mix, the share that its notes let expect there.

A Wiener filter whose powers are those of the sketch: score-informed source separation (Ewert, Pardo, Mueller and
Plumbley 2014, "Score-Informed Source Separation for Musical Audio Recordings"). Shares add up to one, stems to the mix.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.audio.acoustics import reverberated
from generators.audio.inverse import overlap_add
from generators.audio.mel import MelConfig, left_right, mid_side, spectrum
from generators.audio.sketch import PLAYED, Orchestra
from generators.audio.vocoder import interpolation
from generators.render.render import SPILL_BYTES
from generators.render.shelf import StemShelf
from generators.score.performance import Performance
from generators.score.score import Role
from generators.waveform import Waveform

BLOCK = 1024  # spectra that are shared out at once
AROUND = 4  # spectra to each side that a block's samples, and their own spectra, can see
QUIETEST = 1e-13  # energy that every role is expected to have; where nobody plays all have equal shares
Floats = NDArray[np.float32]


def separated(mix: Waveform, orchestra: Orchestra, performance: Performance) -> dict[Role, Waveform]:
    """Stems of those who play, effects too; they add up to the mix [2 N]. Nobody may play: then there are none.

    What loops goes on at its seam in every stem.
    """
    config = MelConfig()
    n_samples = mix.samples.shape[1]
    frames = -(-n_samples // config.hop)
    shares = shared(expected(orchestra, performance, frames=frames, frame_s=config.hop / config.sample_rate))
    shelf = StemShelf(SPILL_BYTES)
    stems = {role: shelf.keep(np.empty_like(mix.samples)) for role in shares}
    loop = performance.loop
    for start in range(0, frames, BLOCK):
        first, last = start - AROUND, min(frames, start + BLOCK) + AROUND
        part = _stretch(mix.samples, first * config.hop, last * config.hop, loop=loop)
        spectra = spectrum(mid_side(part), config)
        played = _places(first, last, n_samples / config.hop, loop=loop)
        here = slice(start * config.hop, min((start + BLOCK) * config.hop, n_samples))
        for role, share in shares.items():
            sound = left_right(overlap_add(spectra * _in_bins(share[played]), config))
            stems[role][:, here] = sound[:, here.start - first * config.hop :][:, : here.stop - here.start].numpy()
        shelf.rest()
    return {role: Waveform(stem, mix.sample_rate) for role, stem in stems.items()}


def expected(orchestra: Orchestra, performance: Performance, *, frames: int, frame_s: float) -> dict[Role, Floats]:
    """The energies of each role that plays, in its room [F SIDES BANDS]."""
    found: dict[Role, Floats] = {}
    for role in PLAYED:
        part = orchestra.palette.parts.get(role)
        if part is None or not performance.parts.get(role):
            continue
        own = orchestra.played(role, performance, frames, frame_s)
        sent = own[:, 0] * np.float64(part.send**2)  # single precision would leave noise where nothing sounds
        found[role] = reverberated(own, sent, orchestra.palette.room, loop=performance.loop)
    return found


def shared(energies: dict[Role, Floats]) -> dict[Role, Floats]:
    """Of energies of roles the shares in their sum, in place."""
    whole = sum(energies.values(), start=np.float32(0.0)) + np.float32(len(energies) * QUIETEST)
    for own in energies.values():
        np.divide(np.add(own, np.float32(QUIETEST), out=own), whole, out=own)
    return energies


def _stretch(samples: Floats, start: int, end: int, *, loop: bool) -> Tensor:
    """Samples start..end; those beyond the ends are silent, or what comes round in a loop."""
    if loop:
        return torch.from_numpy(samples.take(np.arange(start, end), axis=1, mode="wrap"))
    inside = torch.from_numpy(samples[:, max(0, start) : end])
    return torch.nn.functional.pad(inside, (max(0, -start), max(0, end - samples.shape[1])))


def _places(first: int, last: int, length: float, *, loop: bool) -> NDArray[np.int64]:
    """Which of the frames of a piece, `length` hops, are told of frames first..last."""
    middles = np.arange(first, last) + 0.5
    within = middles % length if loop else middles.clip(0.0, np.ceil(length) - 0.5)
    return within.astype(np.int64)


def _in_bins(shares: Floats) -> Tensor:
    """Shares in bands [F SIDES BANDS] as shares in bins [SIDES bins F]."""
    below, share = interpolation(MelConfig())
    low, high = (torch.from_numpy(shares)[..., below + i] for i in (0, 1))
    return torch.lerp(low, high, share).permute(1, 2, 0)
