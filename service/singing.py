"""Who sings where the audio engine is asked for: the bundle's own flow, one of your own, or a published model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from generators.score.performance import Performance
from generators.score.plan.brief import Plan
from generators.score.score import Role
from generators.waveform import Waveform
from schemas.music import FollowName
from service.bundle import bundle_folder
from service.errors import BadInput
from service.models.shelf import AUDIO_INDEX
from service.parts import Sung, Touch, Voice
from service.settings import PREFIX, ModelSettings

if TYPE_CHECKING:
    from generators.audio.engine import AudioEngine
    from generators.audio.published.engine import PublishedAudio
    from generators.audio.sketch import Orchestra

FOLLOWED: tuple[FollowName, ...] = ("score", "chords", "beats", "nothing")
RATE = 44_100
AUDIO = "audio"  # folder of the audio engine in a bundle
OWN_FILES = ("flow.safetensors", "lora.safetensors")
VARIABLE = f"{PREFIX}AUDIO_MODEL"


class Singer(Protocol):
    """Sound [2 N] at RATE for a plan, exactly as long as it."""

    @property
    def voice(self) -> Voice:
        """What it can do."""

    def sing(self, performance: Performance, plan: Plan, sung: Sung, *, seed: int) -> Waveform:
        """Sing what is asked; not mastered yet."""

    def stems(self, mix: Waveform, performance: Performance, plan: Plan, *, seed: int) -> dict[Role, Waveform]:
        """Parts that add up to a finished mix of what was sung from all its notes. Raises BadInput."""

    def edit(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """Music at RATE after an edit; of one that accompanies, the further part alone. Raises BadInput."""


@dataclass(frozen=True)
class OwnSinger:
    """The audio engine of a bundle, from its folder, or of your own training, over what a bundle's folder holds."""

    folder: Path
    bundle: Path | None = None

    @property
    def voice(self) -> Voice:
        """Follows whatever of a score is asked for."""
        whose = "the bundle's audio engine" if self.bundle is None else f"your audio engine, {self.folder.name},"
        return Voice(FOLLOWED, loops=True, remark=f"{whose} is experimental: instruments sound cleaner", edits=True)

    @cached_property
    def _engine(self) -> "AudioEngine":
        from generators.audio.engine import AudioEngine
        from generators.audio.own import load_own

        return AudioEngine.load(self.folder) if self.bundle is None else load_own(self.folder, self.bundle)

    def sing(self, performance: Performance, plan: Plan, sung: Sung, *, seed: int) -> Waveform:
        """The score, or as much of it as is followed, under one CLAP point a bar."""
        from generators.audio.conditions import Follow, Played, conditions_of, frame_of

        engine, n_samples = self._engine, round(plan.duration_s * RATE)
        frames, channels = engine.frames_for(n_samples, loop=plan.loop), engine.codec.channels
        alone = engine.adapted and sung.follow == "score"  # in a sound of its own
        follow = Follow.NOTES if alone else Follow(sung.follow)
        played = Played(performance, follow, self._orchestra(plan, seed))
        told = conditions_of(plan, played, sung.points, frames=frames, channels=channels)
        sampling = engine.sampling(steps=sung.steps, free=told.free)
        tuning = played.tuning(frames=frames, frame_s=frame_of(plan, frames))
        return engine.generate(told, n_samples, seed=seed, sampling=sampling, loop=plan.loop, tuning=tuning)

    def stems(self, mix: Waveform, performance: Performance, plan: Plan, *, seed: int) -> dict[Role, Waveform]:
        """Of every moment and frequency the share that each part's notes let expect."""
        from generators.audio.separation import separated

        return separated(mix, self._orchestra(plan, seed), performance)

    def _orchestra(self, plan: Plan, seed: int) -> "Orchestra":
        from generators.audio.sketch import Orchestra
        from generators.render.palettes import palette_for

        return Orchestra(palette_for(plan.style, seed), self._engine.timbres)

    def edit(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """Music after an edit, under the points of a touch; every sample that is to stay does."""
        from service.touching import touched

        return touched(self._engine, music, touch, seed=seed)


@dataclass(frozen=True)
class PublishedSinger:
    """MusicLDM or AudioLDM 2 in the diffusers layout: knows a caption and a length, and nothing of the score."""

    folder: Path

    @property
    def voice(self) -> Voice:
        """Follows nothing and does not loop."""
        return Voice(("nothing",), loops=False, remark=f"sung by {self.folder.name}, whose own licence holds for it")

    @cached_property
    def _model(self) -> "PublishedAudio":
        from generators.audio.published.engine import PublishedAudio

        return PublishedAudio.load(self.folder)

    def sing(self, performance: Performance, plan: Plan, sung: Sung, *, seed: int) -> Waveform:
        """Music for the caption, or for the plan in words; in as many steps as such nets need."""
        from generators.audio.published.engine import STEPS

        caption = sung.caption or f"{plan.style.value} music in a {plan.key.mode.value} key, {plan.tempo_bpm:.0f} bpm"
        steps = max(sung.steps, STEPS)
        return _stereo(self._model.generate(caption, plan.duration_s, seed=seed, steps=steps), plan.duration_s)

    def stems(self, mix: Waveform, performance: Performance, plan: Plan, *, seed: int) -> dict[Role, Waveform]:
        """Not possible: it knows no notes."""
        raise BadInput(f"{self.folder.name} sings from no notes and has no stems; leave stems out, or unset {VARIABLE}")

    def edit(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """Not possible: it knows of no sound that is there."""
        raise BadInput(f"{self.folder.name} cannot edit; unset {VARIABLE}, and the bundle's own audio engine does")


def singer_for(environment: Mapping[str, str]) -> Singer | None:
    """The published model, or the weights of your own, that the environment names, if it does.

    Raises:
        BadInput: there is no such model there.
    """
    folder = ModelSettings.from_environment(environment).audio_model
    if folder is None:
        return None
    if (folder / AUDIO_INDEX).is_file():
        return PublishedSinger(folder)
    if any((folder / f"{name}{part}").is_file() for name in OWN_FILES for part in ("", ".index.json")):
        return OwnSinger(folder, bundle_folder(environment) / AUDIO)
    raise BadInput(
        f"{VARIABLE}: {folder} has neither {AUDIO_INDEX} nor {' nor '.join(OWN_FILES)}; name the folder of a model in "
        "the diffusers layout, or one that `training.audio flow` wrote"
    )


def _stereo(sound: Waveform, duration_s: float) -> Waveform:
    """One channel at any rate as two at RATE, of the exact length."""
    from scipy.signal import resample_poly

    common = math.gcd(RATE, sound.sample_rate)
    fine = resample_poly(sound.samples[0], RATE // common, sound.sample_rate // common).astype(np.float32)
    exact = np.zeros(round(duration_s * RATE), np.float32)
    exact[: len(fine)] = fine[: len(exact)]
    return Waveform(np.stack([exact, exact]), RATE)
