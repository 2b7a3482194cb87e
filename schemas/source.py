"""What music is made for: a video, an image, a story, a caption or a piece of reference audio, each with a weight."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WireModel

MAX_STORY_CHARACTERS = 200_000
MAX_CAPTION_CHARACTERS = 2_000

Weight = Annotated[float, Field(ge=0.0, le=1000.0, description="How much this source counts against the others.")]


class VideoSource(WireModel):
    """A video file: its pictures say what, its cuts and motion say when."""

    kind: Literal["video"] = "video"
    path: str = Field(min_length=1)
    weight: Weight = 1.0


class ImageSource(WireModel):
    """A still picture."""

    kind: Literal["image"] = "image"
    path: str = Field(min_length=1)
    weight: Weight = 1.0


class StorySource(WireModel):
    """A text whose course the music follows."""

    kind: Literal["story"] = "story"
    text: str = Field(max_length=MAX_STORY_CHARACTERS)
    weight: Weight = 1.0


class CaptionSource(WireModel):
    """A short description of the music itself; a tempo or key in it is obeyed."""

    kind: Literal["caption"] = "caption"
    text: str = Field(max_length=MAX_CAPTION_CHARACTERS)
    weight: Weight = 1.0


class ReferenceSource(WireModel):
    """A piece of audio that the music should resemble in mood; nothing of it is copied."""

    kind: Literal["reference"] = "reference"
    path: str = Field(min_length=1)
    weight: Weight = 1.0


Source = Annotated[
    VideoSource | ImageSource | StorySource | CaptionSource | ReferenceSource, Field(discriminator="kind")
]
SourceKind = Literal["video", "image", "story", "caption", "reference"]
