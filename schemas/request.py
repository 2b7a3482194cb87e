"""One request for music: the sources and everything that somebody may ask of the result."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import WireModel
from schemas.cue_sheet import CueCut, CueSheet
from schemas.music import DurationS, KeyName, StyleName, TempoBpm
from schemas.source import Source, VideoSource


class MusicRequest(WireModel):
    """What to score and how; whatever is left out is taken from the sources."""

    sources: tuple[Source, ...] = Field(default=(), max_length=64)
    cue_sheet: CueSheet | None = None
    duration_s: DurationS | None = None
    cuts: tuple[CueCut, ...] | None = Field(default=None, max_length=5_000)
    seed: int = Field(default=0, ge=0, lt=2**31)
    takes: int = Field(default=1, ge=1, le=16)
    engine: Literal["score"] = "score"
    steps: int = Field(default=8, ge=1, le=200)
    tempo_bpm: TempoBpm | None = None
    key: KeyName | None = None
    style: StyleName | None = None
    loop: bool = False
    lufs: Annotated[float, Field(ge=-40.0, le=-6.0)] = -14.0
    duck: bool = False
    soundfont: str | None = None

    @property
    def video(self) -> VideoSource | None:
        """The video to score, if there is one."""
        return next((s for s in self.sources if isinstance(s, VideoSource)), None)

    @model_validator(mode="after")
    def _says_what_to_score(self) -> Self:
        if not self.sources and self.cue_sheet is None:
            raise ValueError("nothing to score: give a video, an image, a story, a caption, audio or a cue sheet")
        if self.sources and not any(s.weight > 0 for s in self.sources):
            raise ValueError("every source has the weight 0; give at least one a weight above 0")
        if sum(isinstance(s, VideoSource) for s in self.sources) > 1:
            raise ValueError("more than one video; music is made for one video at a time")
        return self

    @model_validator(mode="after")
    def _cuts_lie_inside(self) -> Self:
        if self.duration_s is not None:
            for cut in self.cuts or ():
                if cut.time_s > self.duration_s:
                    raise ValueError(f"cut at {cut.time_s:g} s lies beyond the end at {self.duration_s:g} s; remove it")
        return self

    @model_validator(mode="after")
    def _ducking_has_something_to_duck_under(self) -> Self:
        if self.duck and self.video is None:
            raise ValueError("ducking needs a video with sound of its own")
        return self
