"""Looks at, reads and listens to the sources of a request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from encoders.features import Events, Frames
from encoders.text import foreign_script
from schemas.cue_sheet import CueSheet
from schemas.request import MusicRequest
from schemas.source import CaptionSource, Source, StorySource
from service.cues import Draft, asked_metre, asked_tempo, duration_of
from service.errors import BadInput
from service.melody import GivenMelody, read_melody
from service.parts import Parts
from service.progress import Stages
from service.sight import Impression, Sight, shares


@dataclass(frozen=True)
class Looked:
    """What the sources show, and the cue sheet that follows from it and from the request."""

    sight: Sight
    sheet: CueSheet
    melody: GivenMelody | None = None
    remarks: tuple[str, ...] = ()

    def without_frames(self) -> "Looked":
        """The same without the video's small frames: 160 MB that only the picture of the score needs later."""
        return replace(self, sight=replace(self.sight, frames=None))


def look(request: MusicRequest, parts: Parts, stages: Stages, *, into_video: bool = False) -> Looked:
    """See, read and hear every source, and draw up the cue sheet.

    Raises:
        NoMelody: when no tune is heard in the melody.
        BadInput: when a file cannot be used, the music would not be as long as the video that it goes into, or a cut
            lies beyond its end.
    """
    video = request.video
    with stages.stage("look"):
        frames = parts.frames(Path(video.path)) if video else None
        melody = _melody(request)
        duration_s = duration_of(request, frames.duration_s if frames else None, melody.tune if melody else None)
        if frames is not None and into_video:
            _check_fit(duration_s, frames)
        seen = (frames, parts.events(frames)) if frames is not None else None
    with stages.stage("understand"):
        sources: tuple[Source, ...] = request.sources or (_spoken(request),)
        heard = [s for s in sources if s.weight > 0]
        sight = understood(heard, parts, seen, seed=request.seed)
        sheet = Draft(request, sight, duration_s, parts.describe, melody).cue_sheet()
        return Looked(sight, sheet, melody, remarks_on(heard))


def understood(
    sources: Sequence[Source], parts: Parts, seen: tuple[Frames, Events] | None = None, *, seed: int
) -> Sight:
    """Sources that count as paths through CLAP space; `seen` is what a video among them shows."""
    impressions = tuple(
        Impression(source.kind, weight, parts.track(source, seen, seed=seed))
        for source, weight in zip(sources, shares([s.weight for s in sources]), strict=True)
    )
    return Sight(impressions, *(seen or (None, None)))


def remarks_on(sources: Sequence[Source]) -> tuple[str, ...]:
    """What of texts cannot be read."""
    return tuple(filter(None, map(_remark, sources)))


def _melody(request: MusicRequest) -> GivenMelody | None:
    if request.melody is None:
        return None
    return read_melody(Path(request.melody), tempo_bpm=asked_tempo(request), metre=asked_metre(request))


def _check_fit(duration_s: float, frames: Frames) -> None:
    if abs(duration_s - frames.duration_s) > 1.0 / max(frames.fps, 1.0):
        raise BadInput(
            f"{duration_s:g} s of music do not fit a video of {frames.duration_s:g} s; "
            "leave the duration out, or write an audio file"
        )


def _remark(source: Source) -> str | None:
    """What of a text cannot be read."""
    if not isinstance(source, StorySource | CaptionSource):
        return None
    script = foreign_script(source.text)
    if script is None:
        return None
    return (
        f"the {source.kind} is mostly in {script} letters, which are not understood: what is in Latin letters decides, "
        "or else the music is neutral; translate it into English, or ask for style, tempo and key"
    )


def _spoken(request: MusicRequest) -> CaptionSource:
    """A cue sheet or a melody alone, in words: what is said of style and key."""
    sheet = request.cue_sheet
    style = request.style or (sheet.style if sheet else None) or "cinematic"
    key = request.key or (sheet.key if sheet else None)
    return CaptionSource(text=f"{style} music in {key}" if key else f"{style} music")
