"""The words of music that a request may use: styles, forms, metres and keys, as they are written in JSON."""

from typing import Annotated, Literal

from pydantic import Field

StyleName = Literal[
    "ambient",
    "cinematic",
    "tension",
    "epic",
    "lofi",
    "corporate",
    "folk",
    "acoustic",
    "house",
    "synthwave",
    "jazz",
    "funk",
    "chiptune",
    "romantic",
]
EngineName = Literal["score", "audio"]
#: How much of the composed score the audio engine keeps to: every note, beats and harmony, beats, none of it.
FollowName = Literal["score", "chords", "beats", "nothing"]
#: What a part does in the music, whatever instrument plays it.
RoleName = Literal["lead", "counter", "chords", "pad", "bass", "drums", "effects"]
FormName = Literal["intro", "a", "b", "bridge", "build", "outro"]
MetreName = Literal["4/4", "3/4", "6/8"]

#: A key as people write it: "C major", "F# minor", "Bb major".
KeyName = Annotated[str, Field(pattern=r"^[A-G](#|b)? (major|minor)$", examples=["D minor"])]
#: A chord chart as people write it: "Am F C G", with bars "| Am | F G | C | G7/B |", with lines for forms "A: Am F".
ChartText = Annotated[str, Field(min_length=1, max_length=20_000, examples=["Am F C G"])]
ThemeForm = Literal["exact", "transposed", "augmented"]
TempoBpm = Annotated[float, Field(ge=40.0, le=200.0)]
DurationS = Annotated[float, Field(gt=0.0, le=1800.0)]
Level = Annotated[float, Field(ge=0.0, le=1.0)]
TimeS = Annotated[float, Field(ge=0.0)]
