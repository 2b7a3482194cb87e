"""A request survives JSON and refuses what makes no sense."""

from typing import get_args

import pytest
from pydantic import ValidationError

from generators.score.score import FORMS, Metre
from generators.score.style import STYLES
from schemas.cue_sheet import CueCut, CueSheet
from schemas.music import FormName, MetreName, StyleName
from schemas.options import MusicOptions
from schemas.request import MusicRequest
from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource, ImageSource, ReferenceSource, StorySource, VideoSource

EVERY_KIND = (
    VideoSource(path="a.mp4", weight=0.7),
    ImageSource(path="b.png"),
    StorySource(text="Once."),
    CaptionSource(text="calm piano"),
    ReferenceSource(path="c.wav", weight=0.0),
)


def test_a_request_with_every_kind_of_source_comes_back_from_json_as_it_was() -> None:
    request = MusicRequest(sources=EVERY_KIND, duration_s=12, cuts=(CueCut(time_s=3),), seed=7, duck=True)
    assert MusicRequest.model_validate_json(request.model_dump_json()) == request


def test_the_kind_decides_the_type_of_a_source() -> None:
    request = MusicRequest.model_validate({"sources": [{"kind": "story", "text": "Once."}]})
    assert request.sources == (StorySource(text="Once."),)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "nothing to score"),
        ({"sources": [{"kind": "caption", "text": "x", "weight": 0}]}, "weight 0"),
        ({"sources": [{"kind": "caption", "text": "x", "weight": -1}]}, "greater than or equal to 0"),
        ({"sources": [{"kind": "caption", "text": "x", "weight": float("nan")}]}, "finite"),
        ({"sources": [{"kind": "song", "text": "x"}]}, "kind"),
        ({"sources": [{"kind": "video", "path": "a"}, {"kind": "video", "path": "b"}]}, "more than one video"),
        ({"sources": [{"kind": "caption", "text": "x"}], "duck": True}, "ducking needs a video"),
        ({"sources": [{"kind": "caption", "text": "x"}], "duration_s": 5, "cuts": [{"time_s": 6}]}, "beyond the end"),
        ({"sources": [{"kind": "caption", "text": "x"}], "takes": 0}, "takes"),
        (
            {"sources": [{"kind": "caption", "text": "x"}], "engine": "audio", "soundfont": "a.sf2"},
            "plays no instruments",
        ),
    ],
)
def test_a_wrong_request_says_what_is_wrong(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MusicRequest.model_validate(fields)


def test_a_cue_sheet_alone_is_enough() -> None:
    assert MusicRequest(cue_sheet=CueSheet(duration_s=8)).video is None


def test_the_words_on_the_wire_are_those_of_the_music() -> None:
    assert get_args(StyleName) == tuple(s.value for s in STYLES)
    assert get_args(FormName) == tuple(f.value for f in FORMS)
    assert get_args(MetreName) == tuple(m.value for m in Metre)


def test_a_service_is_asked_in_the_words_of_the_command_line_within_tighter_bounds() -> None:
    MusicRequest(sources=EVERY_KIND, takes=5, steps=65)
    with pytest.raises(ValidationError) as refusal:
        SoundtrackRequest(sources=(CaptionSource(text="calm piano"),), takes=5, steps=65)
    assert {error["loc"] for error in refusal.value.errors()} == {("takes",), ("steps",)}
    assert set(MusicOptions.model_fields) <= set(MusicRequest.model_fields) & set(SoundtrackRequest.model_fields)
