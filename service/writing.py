"""Writes the files of a take, each first where nobody sees it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from generators.render.palettes import palette_for
from generators.render.programs import programs_for
from generators.score.performance import Performance
from generators.score.plan.brief import Plan
from generators.waveform import Waveform
from schemas.report import ArtifactReport
from schemas.request import MusicRequest
from service.looking import Looked
from service.media.audio_file import write_audio
from service.media.mux import mux
from service.media.tags import Tags
from service.outputs import Outputs
from service.picture.picture import Scene, draw
from service.report import Take, artifact
from service.sound import Sound, alone, under_video
from service.staging import Staging

if TYPE_CHECKING:
    from generators.render.render import Mix


def claim(outputs: Outputs, takes: int, staging: Staging) -> None:
    """Take every place before the work begins, so that one that cannot be written shows in the first second."""
    for number in range(1, takes + 1):
        places = outputs.take(number, takes)
        for final in (places.out, places.midi, places.report, places.picture, places.cue_sheet):
            if final is not None:
                staging.path(final)
        if places.stems is not None:
            staging.folder(places.stems)


@dataclass(frozen=True)
class Writer:
    """Writes one take's files into a staging."""

    request: MusicRequest
    looked: Looked
    outputs: Outputs
    staging: Staging
    bundle: str

    @property
    def wants_stems(self) -> bool:
        """Whether stems are among the files."""
        return self.outputs.stems is not None

    def write(self, take: Take, performance: Performance) -> tuple[ArtifactReport, ...]:
        """Every file but the report, which names the others."""
        tags = Tags(self.outputs.title, take.seed, self.bundle)
        places = self.outputs
        written = [self._sound(take.sound.wave, tags)]
        if places.stems is not None:
            for role, stem in sorted(take.mix.stems.items()):
                final = places.stems / f"{role.value}.wav"
                write_audio(self.staging.path(final), stem, tags, suffix=".wav")
                written.append(artifact("stem", final, self.staging.path(final)))
        if places.midi is not None:
            written.append(artifact("midi", places.midi, self._midi(places.midi, take, performance, tags)))
        if places.cue_sheet is not None:
            written.append(artifact("cue_sheet", places.cue_sheet, self.json(places.cue_sheet, self.looked.sheet)))
        if places.picture is not None:
            written.append(self._picture(places.picture, take.plan, performance, take.mix.mix))
        return tuple(written)

    def json(self, final: Path, model: BaseModel) -> Path:
        """A wire type as a JSON file that people can edit; where it lies until it is published."""
        part = self.staging.path(final)
        part.write_text(model.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
        return part

    def sound_of(self, mix: "Mix") -> Sound:
        """What will be written: the music, or the music under the video's own sound where that was asked for."""
        video = self.request.video
        if not self.request.duck or not self.outputs.is_video or video is None:
            return alone(mix)
        return under_video(mix, Path(video.path), lufs=self.request.lufs)

    def _midi(self, final: Path, take: Take, performance: Performance, tags: Tags) -> Path:
        from generators.score.midi import write_midi

        part = self.staging.path(final)
        programs = programs_for(palette_for(take.plan.style, take.seed))
        part.write_bytes(write_midi(performance, take.plan, programs, title=tags.title))
        return part

    def _sound(self, music: Waveform, tags: Tags) -> ArtifactReport:
        final = self.outputs.out
        part = self.staging.path(final)
        video = self.request.video
        if not self.outputs.is_video or video is None:
            write_audio(part, music, tags, suffix=final.suffix)
            return artifact("audio", final, part)
        mux(Path(video.path), music, part, tags, suffix=final.suffix)
        return artifact("video", final, part)

    def _picture(self, final: Path, plan: Plan, performance: Performance, music: Waveform) -> ArtifactReport:
        sight = self.looked.sight
        part = self.staging.path(final)
        draw(Scene(plan, performance, music, self.outputs.title, sight.frames, sight.events), part)
        return artifact("picture", final, part)
