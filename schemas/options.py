"""What may be asked of the music, the same on the command line and over HTTP."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.base import WireModel
from schemas.cue_sheet import CueCut, CueSheet
from schemas.music import ChartText, DurationS, EngineName, FollowName, KeyName, StyleName, TempoBpm

STEPS = 4  # evaluations of the distilled flow: more do not measure better


class SharedOptions(WireModel):
    """Wishes for the music that are told alike everywhere; whatever is left out is taken from the sources."""

    duration_s: DurationS | None = None
    seed: int = Field(default=0, ge=0, lt=2**31)
    takes: int = Field(default=1, ge=1, le=16)
    engine: EngineName = "score"
    follow: FollowName = Field(default="score", description="What of the score the audio engine keeps to.")
    steps: int = Field(default=STEPS, ge=1, le=200)
    tempo_bpm: TempoBpm | None = None
    key: KeyName | None = None
    style: StyleName | None = None
    chords: ChartText | None = None
    loop: bool = False
    lufs: Annotated[float, Field(ge=-40.0, le=-6.0)] = -14.0
    duck: bool = False

    @model_validator(mode="after")
    def _follows_with_the_engine_that_can(self) -> Self:
        if self.engine == "score" and self.follow != "score":
            raise ValueError(f"only the audio engine can follow {self.follow}; ask for it, or leave follow out")
        return self


class MusicOptions(SharedOptions):
    """All wishes, cuts and cue sheet as they travel between programs."""

    cue_sheet: CueSheet | None = None
    cuts: tuple[CueCut, ...] | None = Field(default=None, max_length=5_000)


def refused_beside(engine: EngineName, follow: FollowName, *, stems: bool, notes: bool) -> str | None:
    """Why an engine cannot write stems, or notes (MIDI, picture); None where it can."""
    if follow != "score" and stems:
        return f"what follows {follow} has no stems, which notes tell apart; leave stems out, or follow the score"
    if follow == "nothing" and notes:
        return "what follows nothing has no notes to write or draw; leave MIDI and picture out, or follow the score"
    return None
