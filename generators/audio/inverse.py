"""The inverse short-time Fourier transform as a stream, with a few rounds that make frames agree (Griffin and Lim)."""

import torch
from torch import Tensor

from generators.audio.mel import CHANNELS, MelConfig, left_right, spectrum, window

ROUNDS = 2
REACH = 3  # frames to each side that a round, or the transform itself, can see


class Inverse:
    """Takes complex spectra of middle and side, gives left and right; holds back what is not settled yet."""

    def __init__(self, config: MelConfig, rounds: int = ROUNDS) -> None:
        self._config, self._rounds = config, rounds
        self._held = torch.zeros(CHANNELS, config.bins, 0, dtype=torch.complex64)
        self._fixed = torch.zeros(CHANNELS, config.bins, 0, dtype=torch.bool)
        self._given = 0  # frames of `_held` whose samples are out

    def push(self, frames: Tensor, fixed: Tensor | None = None) -> Tensor:
        """Frames [CHANNELS bins F] -> samples [2 n] that no later frame can change; n may be 0.

        What is `fixed`, bool [CHANNELS bins F], keeps its phases.
        """
        self._held = torch.cat([self._held, frames], dim=-1)
        fixed = torch.zeros(frames.shape, dtype=torch.bool) if fixed is None else fixed
        self._fixed = torch.cat([self._fixed, fixed], dim=-1)
        return self._out(self._held.shape[-1] - self._context)

    def finish(self) -> Tensor:
        """The rest of the samples [2 n]."""
        return self._out(self._held.shape[-1])

    @property
    def _context(self) -> int:
        return REACH * (self._rounds + 1)

    def _out(self, until: int) -> Tensor:
        hop = self._config.hop
        if until <= self._given:
            return torch.zeros(CHANNELS, 0)
        fixed = self._fixed if bool(self._fixed.any()) else None
        samples = left_right(agreed(self._held, self._config, self._rounds, fixed))
        samples = samples[:, self._given * hop : until * hop]
        forget = max(0, until - self._context)
        self._held, self._fixed, self._given = self._held[..., forget:], self._fixed[..., forget:], until - forget
        return samples


def agreed(frames: Tensor, config: MelConfig, rounds: int, fixed: Tensor | None = None) -> Tensor:
    """Samples [C N] of spectra [C bins F] whose phases, round by round, become those of the sound that they make.

    Those that are `fixed`, bool [C bins F], do not.
    """
    size, told = frames.abs(), frames
    for _ in range(rounds):
        found = spectrum(overlap_add(frames, config), config)
        frames = found.mul_(size / found.abs().clamp_(min=1e-9))
        frames = frames if fixed is None else torch.where(fixed, told, frames)
    return overlap_add(frames, config)


def overlap_add(frames: Tensor, config: MelConfig) -> Tensor:
    """The sound [C F hop] whose spectra come closest to [C bins F]: windowed frames, added and evened out."""
    shape = window(config)
    pieces = torch.fft.irfft(frames.mT, config.n_fft) * (0.5 * shape.sum() * shape)
    even = _added(shape.square().expand(1, frames.shape[-1], -1), config).clamp(min=1e-3)
    first, n = config.margin, config.hop * frames.shape[-1]
    return (_added(pieces, config) / even)[:, first : first + n]


def _added(pieces: Tensor, config: MelConfig) -> Tensor:
    """Pieces [C F n_fft], each a hop after the last, added up -> [C N]."""
    channels, frames, parts = pieces.shape[0], pieces.shape[1], config.n_fft // config.hop
    hops = pieces.new_zeros(channels, frames + parts - 1, config.hop)
    for part in range(parts):
        hops[:, part : part + frames] += pieces[..., part * config.hop : (part + 1) * config.hop]
    return hops.flatten(1)
