"""The one place where the parts of this process are built from a bundle; each is loaded when it is first wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from encoders.features import Events, Features, Frames
from generators.errors import BadWeights
from generators.score.performance import Performance
from generators.score.plan.brief import Brief, Plan
from generators.score.score import Effect, Score
from generators.score.style import STYLES
from generators.waveform import Waveform
from schemas.manifest import Manifest
from schemas.source import CaptionSource, ImageSource, ReferenceSource, Source, StorySource
from service.bundle import bundle_folder, verify
from service.media.reading import read_audio
from service.parts import Ask, Sounding, Touch, Voice
from service.sight import Point, Points, Track
from service.singing import AUDIO, OwnSinger, Singer, singer_for
from service.telling import telling_of
from service.visual import OWN_EYES, EyesConfig, eyes_config

if TYPE_CHECKING:
    from encoders.adapter import Adapters
    from encoders.clap import Attributes, Clap
    from encoders.feeling import Feeling
    from encoders.vision import Eyes
    from generators.render.bank import NoteBank
    from generators.render.render import Mix
    from generators.score.engine import ScoreEngine
    from service.eyes import OpenClipEyes

STORY_ADAPTER = "adapters/story.safetensors"
STYLE_PULL = 0.7  # weight of the plan in words against a point of length 1
SWELLS = (Effect.RISER, Effect.REVERSE)
REFERENCE_RATE, REFERENCE_S = 44100, 300.0


class BundleParts:
    """The parts as a bundle's folder holds them; its files are checked before anything is read from them.

    With an open_clip model, images and videos go through it; without one, through descriptors and, where the
    bundle has them, its own eyes.
    """

    def __init__(self, folder: Path, eyes: EyesConfig | None = None, named: Singer | None = None) -> None:
        self._folder = folder
        self._named = named
        self._eyes_config = eyes
        self._manifest: Manifest = verify(folder)

    @property
    def bundle(self) -> str:
        """Name and version of the bundle."""
        return self._manifest.label

    @property
    def voice(self) -> Voice | None:
        """What the audio engine can do; None without one."""
        return None if self._singer is None else self._singer.voice

    @cached_property
    def _clap(self) -> "Clap":
        from encoders.clap import Clap

        return Clap.load(self._folder / "clap.safetensors", [s.value for s in STYLES])

    @cached_property
    def _adapters(self) -> "Adapters":
        from encoders.adapter import Adapters

        return Adapters.load(self._folder / "adapters")

    @cached_property
    def _feeling(self) -> "Feeling | None":
        """How sentences feel, where the bundle knows."""
        from encoders.feeling import FILE, Feeling

        known = f"adapters/{FILE}" in self._manifest.files
        return Feeling.load(self._folder / "adapters" / FILE) if known else None

    @cached_property
    def _engine(self) -> "ScoreEngine":
        from generators.score.engine import ScoreEngine

        return ScoreEngine.load(self._folder)

    @cached_property
    def _singer(self) -> Singer | None:
        """Who was named, a published model or one of your own, else the bundle's own audio engine where it has one."""
        if self._named is not None:
            return self._named
        return OwnSinger(self._folder / AUDIO) if "audio" in self._manifest.engines else None

    @cached_property
    def _bank(self) -> "NoteBank":
        from generators.render.render import load_bank

        return load_bank(self._folder / "instruments")

    @cached_property
    def _eyes(self) -> "OpenClipEyes | None":
        if self._eyes_config is None:
            return None
        from service.eyes import Bundled, OpenClipEyes

        story = self._manifest.files.get(STORY_ADAPTER, self._manifest.label)
        return OpenClipEyes.of(self._eyes_config, Bundled(self._adapters, story))

    @cached_property
    def _own_eyes(self) -> "Eyes":
        from encoders.vision import Eyes

        return Eyes.load(self._folder / OWN_EYES)

    def _eyes_for(self, kind: str) -> "Eyes | None":
        """The bundle's own eyes, where its adapter for a kind was trained on what they see; None for descriptors."""
        from encoders.descriptors import ENCODER

        adapter = self._adapters.by_kind.get(kind)
        return None if adapter is None or adapter.config.encoder == ENCODER else self._own_eyes

    def frames(self, path: Path) -> Frames:
        """The reduced frames of a video."""
        from encoders.frames import read_frames

        return read_frames(path)

    def events(self, frames: Frames) -> Events:
        """Cuts, motion and light of a video."""
        from encoders.events import analyse

        return analyse(frames)

    def track(self, source: Source, seen: tuple[Frames, Events] | None, *, seed: int) -> Track:
        """The path of a source through CLAP space; `seen` is what a video shows."""
        if isinstance(source, ReferenceSource):
            heard = read_audio(Path(source.path), sample_rate=REFERENCE_RATE, max_duration_s=REFERENCE_S)
            return Track(np.zeros(1), self.heard(heard)[None])
        if isinstance(source, CaptionSource):
            from encoders.story import encode_caption

            return Track(np.zeros(1), self._clap.embed_text(encode_caption(source.text).vectors)[None])
        if isinstance(source, StorySource):
            from encoders.story import encode_story

            told = encode_story(source.text)
            points = self._adapters.to_clap(told, seed=seed)
            moods = None if self._feeling is None else self._feeling.moods(told)
            return Track(told.times_s, points, telling_of(source.text).shares, moods)
        if self._eyes is not None:
            return self._eyes.track(source, seed=seed)
        if isinstance(source, ImageSource):
            from encoders.image import encode_image

            features = encode_image(Path(source.path), self._eyes_for("image"))
        else:
            features = self._video(Path(source.path), seen)
        return Track(features.times_s, self._adapters.to_clap(features, seed=seed))

    def _video(self, path: Path, seen: tuple[Frames, Events] | None) -> Features:
        from encoders.video import encode_video

        if seen is None:
            frames = self.frames(path)
            seen = frames, self.events(frames)
        return encode_video(*seen, eyes=self._eyes_for("video"))

    def heard(self, music: Waveform) -> Point:
        """The point in CLAP space of a piece of audio."""
        return self._clap.embed_audio(music.samples, music.sample_rate)

    def describe(self, point: Point) -> "Attributes":
        """What music at a point is like."""
        return self._clap.describe(point)

    def plan(self, brief: Brief) -> Plan:
        """When things happen."""
        from generators.score.plan.plan import plan

        return plan(brief)

    def compose(self, asks: Sequence[Ask]) -> list[Score]:
        """Write the notes for one point a bar, each drawn towards what the plan says in words; the best of several.

        Each ask is a flow batch of its own draws: in a batch with others' a product of matrices sums in another order,
        and then the same request would not give the same bytes (and past eight rows a processor gains nothing by it).
        """
        from generators.score.sampling import sampling_for

        drawn = [self.drawn(ask.plan, ask.points) for ask in asks]
        net = self._engine.net
        return [
            self._engine.compose_best(ask.plan, points, seed=ask.seed, sampling=sampling_for(net, steps=ask.steps))
            for ask, points in zip(asks, drawn, strict=True)
        ]

    def drawn(self, plan: Plan, points: Points) -> Points:
        """Points on their way to the plan's style, mode and tempo.

        So a style that was asked for is heard, and a picture's point between two styles does not stay there.
        """
        from encoders.story import encode_caption

        words = f"{plan.style.value} music in a {plan.key.mode.value} key, {plan.tempo_bpm:.0f} bpm"
        moved = points + STYLE_PULL * self._clap.embed_text(encode_caption(words).vectors)
        return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), np.float32)

    def perform(self, score: Score, plan: Plan, *, seed: int) -> Performance:
        """Close the piece, mark its cuts, and play it the way its sound wants."""
        from generators.render.feel import feel_of
        from generators.render.palettes import palette_for
        from generators.score.accent import mark
        from generators.score.asked import still_bars
        from generators.score.ending import close
        from generators.score.perform import perform

        palette = palette_for(plan.style, seed)
        sounds = (palette.accent, palette.soft_accent, *SWELLS)
        marked = mark(close(score, plan), plan, sounds, still=still_bars(plan))
        return perform(marked.score, plan, feel_of(palette), seed=seed, extra=marked.off_grid)

    def render(self, performance: Performance, plan: Plan, sounding: Sounding, *, seed: int) -> "Mix":
        """Give it the sound of its style, or have it sung; finished alike.

        Raises:
            BadWeights: it is to be sung and there is no audio engine.
        """
        from generators.render.render import finish, palette_for, render, render_mix

        palette, sung = palette_for(plan.style, seed), sounding.sung
        if sung is not None:
            if self._singer is None:
                raise BadWeights(f"{self.bundle} has no weights for the audio engine; use the score engine")
            drawn = replace(sung, points=self.drawn(plan, sung.points))
            sound = self._singer.sing(performance, plan, drawn, seed=seed)
            mix = finish(sound, performance, palette, target_lufs=sounding.lufs)
            stems = self._singer.stems(mix.mix, performance, plan, seed=seed) if sounding.stems else {}
            return replace(mix, stems=stems)
        make = render if sounding.stems else render_mix
        return make(performance, palette, self._bank_with(sounding.soundfont), seed=seed, target_lufs=sounding.lufs)

    def edited(self, music: Waveform, touch: Touch, *, seed: int) -> Waveform:
        """Music after an edit by the audio engine; of one that accompanies, the further part alone.

        Raises:
            BadWeights: there is no audio engine.
            BadInput: the one that is there cannot edit.
        """
        if self._singer is None:
            raise BadWeights(f"{self.bundle} has no weights for the audio engine, and nothing else can edit")
        return self._singer.edit(music, touch, seed=seed)

    def _bank_with(self, soundfont: str | None) -> "NoteBank":
        """The bundle's instruments, or those of a SoundFont in their place."""
        if soundfont is None:
            return self._bank
        from generators.render.soundfont import soundfont_instruments

        return self._bank.with_instruments(soundfont_instruments(Path(soundfont)))


def parts_from(environment: Mapping[str, str]) -> BundleParts:
    """The parts of the bundle that the environment names, with the models of others that it names beside it.

    Raises:
        BadWeights: when a file of the bundle is missing or has changed.
        BadEncoderWeights: when only half of an open_clip model is named.
        BadInput: when the way from it to music is none, or no model of audio is where one is named.
    """
    return BundleParts(bundle_folder(environment), eyes_config(environment), singer_for(environment))
