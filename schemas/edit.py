"""What may be done to music that is there: parts of it made anew, more after its end, a further part beside it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from schemas.base import WireModel
from schemas.music import RoleName, TimeS

MAX_EDIT_S = 600.0
#: What only music that is composed anew can follow.
UNFIT = (
    *("duration_s", "takes", "follow", "cuts", "tempo_bpm", "key", "style", "chords", "loop", "lufs", "duck"),
    *("melody", "soundfont", "stems", "midi", "picture"),
)

LengthS = Annotated[float, Field(gt=0.0, le=MAX_EDIT_S)]


class TimeSpan(WireModel):
    """A stretch of the piece."""

    start_s: TimeS
    end_s: TimeS

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError(f"{self.start_s:g} s to {self.end_s:g} s is no span; give a start before an end")
        return self


class Repaint(WireModel):
    """Make stretches anew that fit what is around them; every sample outside them stays as it is."""

    kind: Literal["repaint"] = "repaint"
    spans: tuple[TimeSpan, ...] = Field(min_length=1, max_length=64)


class Extend(WireModel):
    """Go on after the end, or (`from_s`) from a place before it, by some seconds or until the whole is so long."""

    kind: Literal["extend"] = "extend"
    from_s: LengthS | None = Field(default=None, description="What comes after it is left out, such as an ending.")
    by_s: LengthS | None = None
    length_s: LengthS | None = None

    @model_validator(mode="after")
    def _says_how_far_once(self) -> Self:
        if (self.by_s is None) == (self.length_s is None):
            raise ValueError("say how far to go on by exactly one of by_s and length_s")
        return self


class Accompany(WireModel):
    """Make a further part that plays beside the music; it is written alone and mixed with the music."""

    kind: Literal["accompany"] = "accompany"
    role: RoleName


Edit = Annotated[Repaint | Extend | Accompany, Field(discriminator="kind")]


def refused_in_edit(request: BaseModel) -> str | None:
    """Why a request with the fields `sound` and `edit` cannot be met; None where it can, or is none for an edit."""
    has_sound, has_edit = (getattr(request, name) is not None for name in ("sound", "edit"))
    if has_sound != has_edit:
        return "an edit needs a sound, and a sound an edit; give both, or neither"
    if not has_edit:
        return None
    fields = type(request).model_fields
    for name in UNFIT:
        if name in fields and getattr(request, name) != fields[name].get_default(call_default_factory=True):
            return f"an edit cannot follow {name}; leave it out"
    if any(source.kind == "video" for source in getattr(request, "sources", ())):
        return "an edit takes its mood from words, images or audio; leave the video out"
    return None
