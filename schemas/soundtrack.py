"""What the service takes and gives: a request for a soundtrack, and the job that it becomes."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.base import WireModel
from schemas.cue_sheet import CueSheet
from schemas.edit import Edit, refused_in_edit
from schemas.options import STEPS, MusicOptions, refused_beside
from schemas.problem import Problem
from schemas.report import Report
from schemas.source import CaptionSource, StorySource, Weight

JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
JobKind = Literal["soundtrack", "cue_sheet"]
Priority = Literal["interactive", "batch"]
Format = Literal["mp4", "mov", "wav", "flac", "mp3", "ogg", "opus"]
OutputKind = Literal["audio", "video", "stem", "midi", "cue_sheet", "picture", "report"]
TERMINAL: frozenset[JobStatus] = frozenset({"succeeded", "failed", "cancelled", "expired"})

UploadId = Annotated[str, Field(pattern=r"^upl_[0-9a-z]{26}$")]
JobId = Annotated[str, Field(pattern=r"^st_[0-9a-z]{26}$")]


class FileInput(WireModel):
    """A file by exactly one of: an upload made before, a part of the same multipart request, an https address."""

    upload: UploadId | None = None
    part: str | None = Field(default=None, min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$")
    url: str | None = Field(default=None, max_length=2_000, pattern=r"^https://")

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if sum(place is not None for place in (self.upload, self.part, self.url)) != 1:
            raise ValueError("say where the file is by exactly one of upload, part and url")
        return self


class MediaInput(FileInput):
    """A file that counts among the sources."""

    weight: Weight = 1.0


class VideoInput(MediaInput):
    """A video: its pictures say what, its cuts and motion say when."""

    kind: Literal["video"] = "video"


class ImageInput(MediaInput):
    """A still picture."""

    kind: Literal["image"] = "image"


class ReferenceInput(MediaInput):
    """A piece of audio that the music should resemble in mood; nothing of it is copied."""

    kind: Literal["reference"] = "reference"


class MelodyInput(FileInput):
    """The tune that the lead plays: a MIDI file, or a recording of it hummed, whistled or on one instrument."""


class SoundInput(FileInput):
    """Music that is there already, to be edited: audio, or a video's sound."""


Input = Annotated[VideoInput | ImageInput | ReferenceInput | StorySource | CaptionSource, Field(discriminator="kind")]
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]


class SoundtrackRequest(MusicOptions):
    """What to score, what to write, and whom to tell."""

    sources: tuple[Input, ...] = Field(default=(), max_length=16)
    melody: MelodyInput | None = None
    sound: SoundInput | None = Field(default=None, description="Music that is there already; `edit` says what to do.")
    edit: Edit | None = Field(
        default=None, description="Instead of composing: edit `sound` with the audio engine, in the mood of `sources`."
    )
    takes: int = Field(default=1, ge=1, le=4)
    steps: int = Field(default=STEPS, ge=1, le=64)
    format: Format | None = Field(default=None, description="By default mp4 for a video and wav for anything else.")
    stems: bool = False
    midi: bool = False
    picture: bool = False
    priority: Priority = "interactive"
    cancel_after_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    webhook: str | None = Field(default=None, pattern=r"^we_[0-9a-z]{26}$", description="An endpoint that is told.")
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_what_to_score(self) -> Self:
        if not self.sources and self.cue_sheet is None and self.melody is None and self.edit is None:
            raise ValueError(
                "nothing to score: give a video, an image, a story, a caption, audio, a cue sheet or a melody"
            )
        if self.sources and not any(s.weight > 0 for s in self.sources):
            raise ValueError("every source has the weight 0; give at least one a weight above 0")
        if sum(s.kind == "video" for s in self.sources) > 1:
            raise ValueError("more than one video; music is made for one video at a time")
        return self

    @model_validator(mode="after")
    def _asks_of_an_edit_what_it_can_follow(self) -> Self:
        why = refused_in_edit(self)
        if why is not None:
            raise ValueError(why)
        return self

    @model_validator(mode="after")
    def _has_an_engine_that_can_write_it(self) -> Self:
        why = refused_beside(self.engine, self.follow, stems=self.stems, notes=self.midi or self.picture)
        if why is not None:
            raise ValueError(why)
        return self

    @model_validator(mode="after")
    def _has_a_video_where_one_is_needed(self) -> Self:
        has_video = any(s.kind == "video" for s in self.sources)
        if self.duck and not has_video:
            raise ValueError("ducking needs a video with sound of its own")
        if self.format in {"mp4", "mov"} and not has_video:
            raise ValueError(f"{self.format} needs a video among the sources; ask for wav, flac, mp3, ogg or opus")
        return self


class Output(WireModel):
    """A file that a job made; `content_url` is relative to the service."""

    artifact_id: str
    take: int = Field(ge=1)
    kind: OutputKind
    name: str
    media_type: str
    n_bytes: int
    sha256: str
    content_url: str


class Soundtrack(WireModel):
    """A job: what was asked, how far it is, and what came of it. States that end it never change again."""

    id: str
    object: JobKind
    status: JobStatus
    stage: str | None = None
    progress: float = Field(default=0.0, ge=0.0, le=1.0)
    queue_position: int | None = None
    eta_s: float | None = None
    attempt: int = 0
    priority: Priority
    seed: int
    input: SoundtrackRequest
    batch: str | None = None
    custom_id: str | None = None
    outputs: tuple[Output, ...] = ()
    reports: tuple[Report, ...] = ()
    cue_sheet: CueSheet | None = None
    warnings: tuple[str, ...] = ()
    error: Problem | None = None
    metadata: Metadata = Field(default_factory=dict)
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    cancel_requested_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing about it will change again."""
        return self.status in TERMINAL


class SoundtrackPage(WireModel):
    """Jobs, newest first, and where the next page begins."""

    data: tuple[Soundtrack, ...]
    next_cursor: str | None = None


class Upload(WireModel):
    """A file that was received and looked at."""

    id: UploadId
    kind: Literal["video", "image", "audio", "midi"]
    name: str
    media_type: str
    n_bytes: int
    sha256: str
    expires_at: datetime


class BatchItem(WireModel):
    """One line of a batch."""

    custom_id: str | None = Field(default=None, max_length=200)
    request: SoundtrackRequest


class BatchRequest(WireModel):
    """Up to a thousand requests at once; they wait behind interactive ones."""

    items: tuple[BatchItem, ...] = Field(min_length=1, max_length=1_000)


class Batch(WireModel):
    """A batch and how far its jobs are."""

    id: str
    object: Literal["batch"] = "batch"
    jobs: tuple[str, ...]
    counts: dict[JobStatus, int]
    refused: tuple[Problem, ...] = ()
    created_at: AwareDatetime
