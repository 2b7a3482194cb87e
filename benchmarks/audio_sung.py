"""Held-out clips as the audio engine makes them: what it is told of each, and the sound that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from benchmarks.audio_context import AudioContext
from encoders.clap import Clap
from encoders.story import encode_caption
from generators.audio.conditions import Conditions, Floats, conditions
from generators.audio.engine import AudioEngine
from generators.score.sampling import Sampling
from generators.score.style import STYLES
from generators.waveform import Waveform
from training.audio.aligned import FULL, SAMPLE_RATE, Aligned, load_aligned
from training.audio.latents import conditions_of_clip, tuning_of_clip


@dataclass(frozen=True)
class Stage:
    """The engine, its judge, and held-out clips."""

    engine: AudioEngine
    clap: Clap
    clips: Sequence[Aligned]

    @classmethod
    def of(cls, context: AudioContext, *, clips: int) -> "Stage":
        """From the weights and the clips of a context."""
        paths = sorted(context.aligned.glob("*.npz"))[:clips]
        if not paths:
            raise FileNotFoundError(f"{context.aligned} holds no clips; render some: python -m training.audio aligned")
        clap = Clap.load(context.bundle / "clap.safetensors", [s.value for s in STYLES])
        return cls(AudioEngine.load(context.audio), clap, [load_aligned(path) for path in paths])

    @cached_property
    def captions(self) -> list[Floats]:
        """The CLAP points [D] of the clips' captions."""
        return [self.clap.embed_text(encode_caption(clip.caption).vectors) for clip in self.clips]

    def told(self, clip: Aligned) -> Conditions:
        """All that is known of a clip: curves, score, and the point of its sound."""
        frames = clip.mix.shape[1] // self.engine.codec.hop_length
        return conditions_of_clip(clip, self.engine.timbres, frames=frames, channels=self.engine.codec.channels)

    def only_words(self, point: Floats, frames: int) -> Conditions:
        """A CLAP point and nothing else."""
        return conditions({}, {}, point, frames=frames, channels=self.engine.codec.channels)

    def performed(
        self, clip: Aligned, *, seed: int, engine: AudioEngine | None = None, sampling: Sampling | None = None
    ) -> Waveform:
        """What an engine, or the stage's own, makes of all that is known of a clip, in tune with its score."""
        told, engine = self.told(clip), engine or self.engine
        tuning = tuning_of_clip(clip, engine.timbres, frames=told.frames)
        length = told.frames * engine.codec.hop_length
        return engine.generate(told, length, seed=seed, sampling=sampling, tuning=tuning)

    def sung(
        self, told: Conditions, *, seed: int, engine: AudioEngine | None = None, sampling: Sampling | None = None
    ) -> Waveform:
        """What an engine, or the stage's own, makes where no score is known."""
        engine = engine or self.engine
        return engine.generate(told, told.frames * engine.codec.hop_length, seed=seed, sampling=sampling)

    def through_codec(self, sound: Waveform) -> Waveform:
        """The best that any latents could sound like."""
        return self.engine.decode(self.engine.codec.encode(sound), sound.samples.shape[1])


def played(clip: Aligned) -> Waveform:
    """The sampled rendering of a clip."""
    return Waveform((clip.mix / FULL).astype(np.float32), SAMPLE_RATE)


def shuffled_weights(engine: AudioEngine, seed: int = 0) -> AudioEngine:
    """The same engine with the flow's weights in random order: right scales, nothing learned."""
    from generators.flow.dit import DiT

    net = DiT(replace(engine.net.config))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for own, known in zip(net.parameters(), engine.net.parameters(), strict=True):
            own.copy_(known.flatten()[torch.randperm(known.numel(), generator=generator)].view_as(known))
    return AudioEngine(engine.codec, net.requires_grad_(requires_grad=False), engine.timbres)
