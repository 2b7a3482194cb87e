"""One request for music: the sources and everything that somebody may ask of the result."""

from typing import Self

from pydantic import Field, model_validator

from schemas.edit import Edit, refused_in_edit
from schemas.options import MusicOptions
from schemas.source import Source, VideoSource


class MusicRequest(MusicOptions):
    """What to score and how; whatever is left out is taken from the sources."""

    sources: tuple[Source, ...] = Field(default=(), max_length=64)
    melody: str | None = Field(default=None, description="A MIDI file, or a recording of a tune, that the lead plays.")
    soundfont: str | None = None
    sound: str | None = Field(default=None, description="Music that is there already, to be edited.")
    edit: Edit | None = None

    @property
    def video(self) -> VideoSource | None:
        """The video to score, if there is one."""
        return next((s for s in self.sources if isinstance(s, VideoSource)), None)

    @model_validator(mode="after")
    def _says_what_to_score(self) -> Self:
        if not self.sources and self.cue_sheet is None and self.melody is None and self.edit is None:
            raise ValueError(
                "nothing to score: give a video, an image, a story, a caption, audio, a cue sheet or a melody"
            )
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
    def _instruments_have_an_engine_that_plays_them(self) -> Self:
        if self.soundfont is not None and self.engine == "audio":
            raise ValueError("the audio engine plays no instruments; leave the SoundFont out, or use the score engine")
        return self

    @model_validator(mode="after")
    def _asks_of_an_edit_what_it_can_follow(self) -> Self:
        why = refused_in_edit(self)
        if why is not None:
            raise ValueError(why)
        return self

    @model_validator(mode="after")
    def _ducking_has_something_to_duck_under(self) -> Self:
        if self.duck and self.video is None:
            raise ValueError("ducking needs a video with sound of its own")
        return self
