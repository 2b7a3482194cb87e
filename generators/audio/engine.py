"""The audio engine: conditions in, a waveform out, made by the flow in the codec's latent space."""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from generators.audio.conditions import Conditions, local_width
from generators.audio.kept import Kept
from generators.audio.seam import cross_faded
from generators.audio.timbre import TIMBRES_FILE, Timbres, load_timbres
from generators.audio.tuning import Tuning
from generators.audio.windows import layout, over_windows
from generators.errors import BadWeights, InvalidAudio
from generators.flow.checkpoint import load_module
from generators.flow.dit import DiT, DiTConfig
from generators.flow.solver import SOLVERS, SolverName, time_grid
from generators.score.sampling import Sampling, still, velocity_under
from generators.waveform import Waveform

Floats = NDArray[np.float32]
FOLDER = "audio"  # in a bundle
FLOW = "flow.safetensors"
STEPS, GUIDANCE = 8, 1.5
FREE_STEPS, FREE_GUIDANCE = 16, 2.0  # distance to music (TFD) 16.2, with 8 and 1.4 18.6; more of either gains nothing
LEAST_FRAMES = 8  # 0.37 s
AROUND = 24  # latents of the other end that a loop is decoded with, on both sides


class Codec(Protocol):
    """What the engine asks of a codec."""

    @property
    def sample_rate(self) -> int:
        """In Hz."""

    @property
    def hop_length(self) -> int:
        """Samples of one latent."""

    @property
    def channels(self) -> int:
        """Width of a latent."""

    def encode(self, sound: Waveform) -> Floats:
        """Latents [T C] of stereo sound, T = ceil(samples / hop_length)."""

    def decode_stream(
        self, latents: Floats, n_samples: int, *, tuning: Tuning | None = None, kept: Kept | None = None
    ) -> Iterator[Floats]:
        """The sound of latents [T C], in pieces [2 n] of a bounded size, `n_samples` in all.

        In tune with a score, and joined to what is kept of a recording, if given.
        """


def sampling_for(net: DiT, *, steps: int | None = None, free: bool = False) -> Sampling:
    """The settings that a net was made for: one that was distilled strides, another is guided, in 8 steps or more.

    Music that is `free`, of which no notes are told, is guided more, in 16 or more.
    """
    if net.config.strides:
        return Sampling(steps or 4, SolverName.EULER, guidance=1.0, temperature=1.0, strides=True)
    least, guidance = (FREE_STEPS, FREE_GUIDANCE) if free else (STEPS, GUIDANCE)
    return Sampling(max(steps or least, least), SolverName.EULER, guidance=guidance, temperature=1.0)


class AudioEngine:
    """Makes sound; holds the codec, the velocity net and what is known of instruments, and no state between calls.

    One that is `adapted` has a sound of its own: told who plays it would sound like them.
    """

    def __init__(self, codec: Codec, net: DiT, timbres: Timbres | None = None, *, adapted: bool = False) -> None:
        if (net.config.channels, net.config.local) != (codec.channels, local_width(codec.channels)):
            raise BadWeights(
                f"the audio flow was made for latents of {net.config.channels} channels and {net.config.local} "
                f"conditions, the codec has {codec.channels} and {local_width(codec.channels)}; take both of one bundle"
            )
        self.codec = codec
        self.net = net.eval()
        self.adapted = adapted
        self.timbres: Timbres = {} if timbres is None else timbres

    def sampling(self, *, steps: int | None = None, free: bool) -> Sampling:
        """The settings of its net; adapted, and told no notes, it is not guided: points of other sounds lead away."""
        usual = sampling_for(self.net, steps=steps, free=free)
        return replace(usual, guidance=1.0) if free and self.adapted else usual

    @classmethod
    def load(cls, folder: Path) -> "AudioEngine":
        """From the folder that holds codec, vocoder, flow and timbres.

        Raises:
            BadWeights: a file is missing or damaged, or the flow was made for another codec.
        """
        from generators.audio.codec import AudioCodec

        codec, timbres = AudioCodec.load(folder), load_timbres(folder / TIMBRES_FILE)
        return cls(codec, load_module(folder / FLOW, DiT, DiTConfig), timbres)

    def frames_for(self, n_samples: int, *, loop: bool = False) -> int:
        """Latents of so many samples; those of a loop are stretched a little, so that a whole number goes round.

        Raises:
            InvalidAudio: the sound would be too short.
        """
        hop = self.codec.hop_length
        frames = round(n_samples / hop) if loop else math.ceil(n_samples / hop)
        if frames < LEAST_FRAMES:
            least_s = LEAST_FRAMES * hop / self.codec.sample_rate
            raise InvalidAudio(f"{n_samples} samples are too short for the audio engine; it needs {least_s:.2f} s")
        return frames

    def generate(
        self,
        conditions: Conditions,
        n_samples: int,
        *,
        seed: int,
        sampling: Sampling | None = None,
        loop: bool = False,
        tuning: Tuning | None = None,
    ) -> Waveform:
        """Sound [2 n_samples] under the conditions of one piece; a loop goes on at its start without a seam.

        With a `tuning` low notes have the pitch that the score says (`generators.audio.tuning`).

        Raises:
            InvalidAudio: the conditions have another number of frames than the sound, or it would be too short.
        """
        check_frames(conditions, self.frames_for(n_samples, loop=loop))
        latents = self.latents(conditions, seed=seed, sampling=sampling, loop=loop)
        return self._turn(latents, n_samples, tuning) if loop else self.decode(latents, n_samples, tuning)

    @torch.inference_mode()
    def latents(
        self, conditions: Conditions, *, seed: int, sampling: Sampling | None = None, loop: bool = False
    ) -> Floats:
        """The latents [T C] that the flow makes; those that are to stay in their place are bit-identical."""
        sampling = sampling or self.sampling(free=conditions.free)
        shape = (1, conditions.frames, self.codec.channels)
        noise = sampling.temperature * torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        asked = conditions.asked
        x = torch.where(asked, noise, conditions.sound)
        windows = layout(conditions.frames, circular=loop).kept(asked[0, :, 0])
        if len(windows.places):
            velocity_of = partial(velocity_under, self.net, sampling=sampling)
            velocity = still(over_windows(velocity_of, conditions, windows), ~asked)
            for state in SOLVERS[sampling.solver](velocity, x, time_grid(sampling.steps, shift=sampling.shift)):
                x = state
        out: Floats = x[0].numpy()
        return out

    def decode(
        self, latents: Floats, n_samples: int, tuning: Tuning | None = None, *, kept: Kept | None = None
    ) -> Waveform:
        """The sound [2 n_samples] of latents, written into one place piece by piece."""
        out = np.empty((2, n_samples), np.float32)
        at = 0
        for part in self.codec.decode_stream(latents, n_samples, tuning=tuning, kept=kept):
            out[:, at : at + part.shape[1]] = part
            at += part.shape[1]
        return Waveform(out, self.codec.sample_rate)

    def _turn(self, latents: Floats, n_samples: int, tuning: Tuning | None) -> Waveform:
        """One turn of a loop: each end is decoded beside the other, and the whole is stretched to its exact length.

        What would follow the end fades into the start: a codec may tell the phases of one latent in two ways.
        """
        from scipy.signal import resample

        around, hop = min(AROUND, len(latents)), self.codec.hop_length
        turned = np.concatenate([latents[-around:], latents, latents[:around]])
        if tuning is not None:
            parts = len(tuning) // len(latents) * around
            tuning = np.concatenate([tuning[-parts:], tuning, tuning[:parts]])
        sound = self.decode(turned, len(turned) * hop, tuning).samples
        start, end = around * hop, (around + len(latents)) * hop
        sound[:, start : start + hop] = cross_faded(sound[:, end : end + hop], sound[:, start : start + hop])
        exact = np.stack([resample(channel, n_samples) for channel in sound[:, start:end]])  # periodic itself
        return Waveform(exact.astype(np.float32), self.codec.sample_rate)


def check_frames(conditions: Conditions, frames: int) -> None:
    """Raise InvalidAudio where conditions are not for one piece of so many frames."""
    if conditions.values.shape[:2] != (1, frames):
        pieces, own = conditions.values.shape[:2]
        raise InvalidAudio(f"the conditions are for {pieces} x {own} frames, the sound has {frames}; make them anew")
