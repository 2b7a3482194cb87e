"""Looks at, reads and listens to the sources of a request."""

from dataclasses import dataclass
from pathlib import Path

from encoders.features import Frames
from schemas.cue_sheet import CueSheet
from schemas.request import MusicRequest
from schemas.source import CaptionSource, Source
from service.cues import Draft, duration_of
from service.errors import BadInput
from service.parts import Parts
from service.progress import Stages
from service.sight import Impression, Sight, shares


@dataclass(frozen=True)
class Looked:
    """What the sources show, and the cue sheet that follows from it and from the request."""

    sight: Sight
    sheet: CueSheet


def look(request: MusicRequest, parts: Parts, stages: Stages, *, into_video: bool = False) -> Looked:
    """See, read and hear every source, and draw up the cue sheet.

    Raises:
        BadInput: when the music would not be as long as the video that it goes into, or a cut lies beyond its end.
    """
    video = request.video
    with stages.stage("look"):
        frames = parts.frames(Path(video.path)) if video else None
        duration_s = duration_of(request, frames.duration_s if frames else None)
        if frames is not None and into_video:
            _check_fit(duration_s, frames)
        seen = (frames, parts.events(frames)) if frames is not None else None
    with stages.stage("understand"):
        sources: tuple[Source, ...] = request.sources or (_spoken(request),)
        heard = [s for s in sources if s.weight > 0]
        impressions = tuple(
            Impression(source.kind, weight, parts.track(source, seen, seed=request.seed))
            for source, weight in zip(heard, shares([s.weight for s in heard]), strict=True)
        )
        sight = Sight(impressions, *(seen or (None, None)))
        return Looked(sight, Draft(request, sight, duration_s, parts.describe).cue_sheet())


def _check_fit(duration_s: float, frames: Frames) -> None:
    if abs(duration_s - frames.duration_s) > 1.0 / max(frames.fps, 1.0):
        raise BadInput(
            f"{duration_s:g} s of music do not fit a video of {frames.duration_s:g} s; "
            "leave the duration out, or write an audio file"
        )


def _spoken(request: MusicRequest) -> CaptionSource:
    """A cue sheet alone, in words: what it says of style and key."""
    sheet = request.cue_sheet
    style = request.style or (sheet.style if sheet else None) or "cinematic"
    key = request.key or (sheet.key if sheet else None)
    return CaptionSource(text=f"{style} music in {key}" if key else f"{style} music")
