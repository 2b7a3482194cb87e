"""A published model of music as an engine: a caption and a duration in, sound at the model's own rate out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from generators.audio.published.folder import ModelFolder, open_folder
from generators.audio.published.parts import MelDecoder, Vocoder, needing_diffusers
from generators.audio.published.prompts import AudioLdm2, Backbone, MusicLdm
from generators.audio.published.schedule import NoiseSchedule, read_schedule
from generators.audio.published.velocity import off_path, onto_path, velocity_of
from generators.audio.published.windows import Windows
from generators.errors import BadWeights, InvalidPlan
from generators.flow.guidance import guide
from generators.flow.solver import SOLVERS, SolverName, Velocity
from generators.waveform import Waveform

STEPS = 50
MAX_DURATION_S = 3600.0
_BACKBONES: Mapping[str, Callable[[ModelFolder], Backbone]] = {
    "MusicLDMPipeline": MusicLdm,
    "AudioLDM2Pipeline": AudioLdm2,
}


@dataclass(frozen=True)
class Sampling:
    """How the flow is integrated. `guidance` None is what the model's authors use; with Euler it is DDIM exactly."""

    guidance: float | None = None
    solver: SolverName = SolverName.EULER


@dataclass(frozen=True)
class Parts:
    """What a model is made of."""

    backbone: Backbone
    decoder: MelDecoder
    vocoder: Vocoder
    schedule: NoiseSchedule


class PublishedAudio:
    """AudioLDM 2 or MusicLDM from a local folder in the diffusers layout, sampled as a flow."""

    def __init__(self, name: str, parts: Parts, *, sampling: Sampling | None = None) -> None:
        self.name, self._parts, self._sampling = name, parts, sampling or Sampling()

    @classmethod
    def load(cls, folder: Path, *, sampling: Sampling | None = None) -> Self:
        """Read every part of a model.

        Raises:
            BadWeights: the layout is not known, a part is missing, pickled or broken, they do not fit one another, or
                the package diffusers is not installed.
        """
        found = open_folder(folder)
        schedule = read_schedule(found.part("scheduler"))
        with needing_diffusers(found):
            parts = Parts(_BACKBONES[found.layout](found), MelDecoder(found), Vocoder(found), schedule)
        _check_fit(found, parts)
        return cls(found.name, parts, sampling=sampling)

    @property
    def sample_rate(self) -> int:
        """Of what `generate` returns."""
        return self._parts.vocoder.sample_rate

    def generate(self, caption: str, duration_s: float, *, seed: int, steps: int = STEPS) -> Waveform:
        """Music for a caption, mono [1 N] with N = round(duration_s sample_rate).

        Raises:
            InvalidPlan: the duration is not a positive number up to an hour, or the schedule has not so many steps.
            BadWeights: what comes out is not finite.
        """
        if not 0.0 < duration_s <= MAX_DURATION_S:
            raise InvalidPlan(f"a duration of {duration_s} s cannot be made; ask for up to {MAX_DURATION_S:.0f} s")
        n_samples = max(1, round(duration_s * self.sample_rate))
        with torch.inference_mode():
            latents = self.latents(caption, self.noise(n_samples, seed=seed), steps=steps)
            sound = self._sound(latents)[:, :n_samples].numpy()
        if not np.isfinite(sound).all():
            raise BadWeights(f"{self.name} makes sound that is not finite; fetch its weights again")
        return Waveform(sound.astype(np.float32), self.sample_rate)

    def noise(self, n_samples: int, *, seed: int) -> Tensor:
        """Noise float32 [1 C T W] for latents that are at least `n_samples` long."""
        decoder, vocoder = self._parts.decoder, self._parts.vocoder
        length = math.ceil(n_samples / (vocoder.hop_length * decoder.scale))
        shape = (1, decoder.channels, length, vocoder.bands // decoder.scale)
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    def latents(self, caption: str, noise: Tensor, *, steps: int) -> Tensor:
        """The latents [1 C T W], on the model's own scale, to which the flow leads some noise [1 C T W]."""
        times = self._parts.schedule.times(steps)
        w = onto_path(noise, times[0])
        for state in SOLVERS[self._sampling.solver](self._velocity(caption), w, times):
            w = state
        return off_path(w, times[-1])

    def _velocity(self, caption: str) -> Velocity:
        backbone, windows = self._parts.backbone, self._windows
        scale = backbone.guidance if self._sampling.guidance is None else self._sampling.guidance
        if scale == 1.0:
            one = velocity_of(backbone.told([caption]), self._parts.schedule)
        else:
            one = guide(velocity_of(backbone.told([caption, ""]), self._parts.schedule), scale)
        return lambda w, t: windows.blend(lambda part: one(part, t), w)

    def _sound(self, latents: Tensor) -> Tensor:
        mel = self._windows.blend(self._parts.decoder, latents)
        return self._parts.vocoder(mel.squeeze(1))

    @property
    def _windows(self) -> Windows:
        """Of the length that the net was trained on; where that is not known, one window for all."""
        return Windows(self._parts.backbone.sample_size or 2**62)


def _check_fit(folder: ModelFolder, parts: Parts) -> None:
    channels, width = parts.backbone.channels, parts.decoder.channels
    if channels != width:
        raise BadWeights(f"{folder.path}: the U-Net's latents have {channels} channels, the VAE's {width}")
    bands, scale = parts.vocoder.bands, parts.decoder.scale
    if bands % scale:
        raise BadWeights(f"{folder.path}: {bands} bands of the vocoder do not divide by the VAE's factor of {scale}")
