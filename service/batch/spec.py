"""One line of a manifest: what to score and what to write, in the words of the command line's options."""

import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas.music import TimeS
from schemas.options import SharedOptions, refused_beside
from schemas.soundtrack import Format
from schemas.source import SourceKind, Weight
from service.media.formats import VIDEO_SUFFIXES

MAX_ID_BYTES = 150  # a file name may have 255 bytes; suffixes and the names of unfinished files need some


def _usable(name: str) -> str:
    """An id is a file name on every system."""
    if len(name.encode()) > MAX_ID_BYTES:
        raise ValueError(f"is longer than {MAX_ID_BYTES} bytes; give a shorter name")
    if name.startswith(".") or name != name.strip() or name.endswith("."):
        raise ValueError("begins or ends with a dot or a space; give a name that is good for a file")
    if any(c in '/\\:*?"<>|' or unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        raise ValueError('holds a character that file names must not have (/ \\ : * ? " < > |); give another name')
    return name


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


PathText = Annotated[str, Field(min_length=1, max_length=4_000)]
ItemId = Annotated[str, Field(min_length=1), AfterValidator(_usable)]
Cuts = Annotated[tuple[TimeS, ...], Field(min_length=1, max_length=5_000)]


class Spec(SharedOptions):
    """Paths are relative to the manifest; `@file` reads a text, or marked cuts, from a file."""

    id: ItemId
    video: PathText | None = None
    image: Annotated[tuple[PathText, ...], BeforeValidator(_listed), Field(max_length=62)] = ()
    story: str | None = None
    caption: str | None = None
    reference: PathText | None = None
    cue_sheet: PathText | None = None
    weight: dict[SourceKind, Weight] = Field(default_factory=dict)

    cuts: str | Cuts | None = None
    fps: float | None = Field(default=None, ge=1, le=240)
    melody: PathText | None = None
    soundfont: PathText | None = None

    format: Format | None = None
    stems: bool = False
    midi: bool = False
    picture: bool = False

    @property
    def container(self) -> Format:
        """The format that is written: by default mp4 for a video and wav for anything else."""
        return self.format or ("mp4" if self.video else "wav")

    @property
    def names(self) -> tuple[str, ...]:
        """What its files are called before the first dot, one name for each take."""
        return tuple(f"{self.id}-{n}" for n in range(1, self.takes + 1)) if self.takes > 1 else (self.id,)

    @model_validator(mode="after")
    def _says_what_to_score(self) -> Self:
        texts = (self.video, self.story, self.caption, self.reference, self.cue_sheet, self.melody)
        if not self.image and all(text is None for text in texts):
            raise ValueError("nothing to score: give a video, image, story, caption, reference, cue_sheet or melody")
        return self

    @model_validator(mode="after")
    def _has_a_video_where_one_is_needed(self) -> Self:
        is_video = f".{self.container}" in VIDEO_SUFFIXES
        if is_video and self.video is None:
            raise ValueError(f"format {self.container} needs a video; ask for wav, flac, mp3, ogg or opus")
        if self.duck and not is_video:
            raise ValueError("duck mixes with a video's own sound; give a video and the format mp4 or mov")
        return self

    @model_validator(mode="after")
    def _has_an_engine_that_can_write_it(self) -> Self:
        why = refused_beside(self.engine, self.follow, stems=self.stems, notes=self.midi or self.picture)
        if why is not None:
            raise ValueError(why)
        return self
