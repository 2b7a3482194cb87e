"""What may be asked of the music, the same on the command line and over HTTP."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WireModel
from schemas.cue_sheet import CueCut, CueSheet
from schemas.music import ChartText, DurationS, KeyName, StyleName, TempoBpm

STEPS = 4  # evaluations of the distilled flow: more do not measure better


class MusicOptions(WireModel):
    """Wishes for the music; whatever is left out is taken from the sources."""

    cue_sheet: CueSheet | None = None
    duration_s: DurationS | None = None
    cuts: tuple[CueCut, ...] | None = Field(default=None, max_length=5_000)
    seed: int = Field(default=0, ge=0, lt=2**31)
    takes: int = Field(default=1, ge=1, le=16)
    engine: Literal["score"] = "score"
    steps: int = Field(default=STEPS, ge=1, le=200)
    tempo_bpm: TempoBpm | None = None
    key: KeyName | None = None
    style: StyleName | None = None
    chords: ChartText | None = None
    loop: bool = False
    lufs: Annotated[float, Field(ge=-40.0, le=-6.0)] = -14.0
    duck: bool = False
