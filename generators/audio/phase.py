"""Walks along told directions: from changes of phase over time, over frequency and across stereo to phases."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.audio.kept import Frames
from generators.audio.mel import CHANNELS, MelConfig, spectrum
from generators.audio.vocoder import Spectra, VocoderConfig

SWEEPS = 2  # over neighbouring bins, in every frame
SUREST = 0.98  # longest mean direction that is believed
APPROACH = 43  # frames, half a second, within which a walk comes to phases that are kept after it
NOISE_SHARE = 0.05  # what keeps a bin that is told nothing from having no phase
NOISE_FRAMES = 256  # of noise, then the same again
NOISE_SEED = 20_140_401

Phasors = NDArray[np.complex64]


@dataclass(frozen=True)
class _Steps:
    """What each frame adds up, all [F CHANNELS P]: from the frame before, the bin below, the bin above; the rest."""

    before: Phasors
    below: Phasors
    above: Phasors
    cross: Phasors  # [F P]
    own: Phasors


class PhaseWalk:
    """Phases of frame after frame; what it knows of the last frame is its whole memory."""

    def __init__(self, config: VocoderConfig) -> None:
        self._config = config
        self._noise = noise_phases(config.mel)
        self._frame = 0
        self._last = np.zeros((CHANNELS, config.phased), np.complex64)  # phases
        self._size = torch.zeros(CHANNELS, config.phased)

    def along(self, told: Spectra, kept: Frames | None = None) -> Tensor:
        """Spectra of the next F frames of one sound (batch of 1) -> complex [CHANNELS bins F].

        What is kept of a recording stays as it is; the walk goes on from its phases and comes to those that follow.
        """
        frames = told.level.shape[-1]
        at = torch.arange(self._frame, self._frame + frames) % NOISE_FRAMES
        phases = self._noise[:, :, at].clone()
        phased = self._config.phased
        steps = self._steps(told, phases[:, :phased])
        walked = np.empty((frames, CHANNELS, phased), np.complex64)
        aims, pull = _aims(kept, _direction(steps.before))
        for f in range(frames):
            now = _settled(steps, f, self._last)
            if pull[f]:
                low = now[: aims.shape[1], : aims.shape[2]]
                low[:] = _direction((1.0 - pull[f]) * low + pull[f] * aims[f])
            self._last = walked[f] = now
        phases[:, :phased] = torch.from_numpy(walked).permute(1, 2, 0)
        self._frame += frames
        out = told.level[0].exp() * phases
        if kept is not None:
            channels, bins, _ = kept.spectra.shape
            out[:channels, :bins, kept.stays] = kept.spectra[..., kept.stays]
        return out

    def _steps(self, told: Spectra, noise: Tensor) -> _Steps:
        size = told.level[0, :, : self._config.phased].exp()
        earlier = torch.cat([self._size[..., None], size[..., :-1]], dim=-1)
        self._size = size[..., -1]
        own_turn = torch.exp(0.5j * torch.pi * (torch.arange(self._config.phased) % 4))[:, None]
        before = _sure(told.turn[0]) * own_turn * _share(earlier, size)
        lean = -_sure(told.lean[0])[:, :-1]
        below, above = torch.zeros_like(before), torch.zeros_like(before)
        below[:, 1:] = lean * _share(size[:, :-1], size[:, 1:])
        above[:, :-1] = lean.conj() * _share(size[:, 1:], size[:, :-1])
        own = NOISE_SHARE * noise
        signs = 1.0 - 2.0 * (torch.arange(self._config.anchored) % 2)[:, None]
        own[0, : self._config.anchored] += signs * _sure(told.anchor[0])
        by_frame = [_by_frame(x) for x in (before, below, above, _sure(told.cross[0]), own)]
        return _Steps(*by_frame)


def noise_phases(config: MelConfig) -> Tensor:
    """Directions [CHANNELS bins NOISE_FRAMES] of noise that goes round: its frames fit together."""
    generator = torch.Generator().manual_seed(NOISE_SEED)
    turns = torch.randn(CHANNELS, NOISE_FRAMES * config.hop, generator=generator)
    margin = config.hop * -(-config.margin // config.hop)
    around = torch.cat([turns[:, -margin:], turns, turns[:, :margin]], dim=1)
    skip = margin // config.hop
    found = spectrum(around, config)[..., skip : skip + NOISE_FRAMES]
    return found / found.abs().clamp(min=1e-12)


def _aims(kept: Frames | None, turns: Phasors) -> tuple[Phasors, NDArray[np.float32]]:
    """Phases [F C K] that a walk is drawn to, and how much [F]; before those that are kept, what turns to them.

    `turns` [F CHANNELS P] are directions from the frame before.
    """
    if kept is None:
        return turns[:, :, :0], np.zeros(len(turns), np.float32)
    channels, count = len(kept.spectra), min(kept.spectra.shape[1], turns.shape[2])
    aims = _direction(_by_frame(kept.spectra[:, :count]))
    stays = kept.stays.numpy()
    pull = stays.astype(np.float32)
    for f in np.flatnonzero(stays[1:] & ~stays[:-1]).tolist():  # the last frame before kept ones
        for back in range(min(APPROACH, f + 1)):
            at = f - back
            if stays[at]:
                break
            aims[at] = aims[at + 1] * turns[at + 1, :channels, :count].conj()
            pull[at] = 1.0 - (back + 1) / (APPROACH + 1)
    return aims, pull


def _settled(steps: _Steps, f: int, last: Phasors) -> Phasors:
    """Phases of one frame: the sum of what the frame before and noise say, then of what the neighbours say too."""
    base = steps.before[f] * last + steps.own[f]
    now = _direction(base)
    below, above, cross = steps.below[f][:, 1:], steps.above[f][:, :-1], steps.cross[f]
    for _ in range(SWEEPS):
        heard = base.copy()
        heard[:, 1:] += below * now[:, :-1]
        heard[:, :-1] += above * now[:, 1:]
        heard[1] += cross * now[0]
        now = _direction(heard)
    return now


def _direction(x: Phasors) -> Phasors:
    out: Phasors = x / (np.abs(x) + np.float32(1e-9))
    return out


def _sure(told: Tensor) -> Tensor:
    """A mean direction, as long as the concentration of a von Mises distribution with it (Mardia 1975)."""
    length = told.abs().clamp(min=1e-6)
    sure = length.clamp(max=SUREST)
    return told / length * (sure * (2.0 - sure.square()) / (1.0 - sure.square()))


def _share(other: Tensor, own: Tensor) -> Tensor:
    """How much what another bin says counts: 1 where both are as loud."""
    return 2.0 * other / (other + own + 1e-9)


def _by_frame(x: Tensor) -> Phasors:
    out: Phasors = x.movedim(-1, 0).contiguous().numpy().astype(np.complex64)
    return out
