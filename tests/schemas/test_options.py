"""What may be asked of the music is one list for the command line, the service and the batch."""

import pytest
from pydantic import ValidationError

from schemas.options import MusicOptions, refused_beside
from schemas.request import MusicRequest
from schemas.soundtrack import SoundtrackRequest


def test_every_option_is_a_field_of_both_requests() -> None:
    assert set(MusicOptions.model_fields) <= set(MusicRequest.model_fields) & set(SoundtrackRequest.model_fields)


def test_nothing_has_to_be_asked_for() -> None:
    assert MusicOptions().model_dump(exclude_defaults=True) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"chords": ""},
        {"chords": "C " * 10_001},
        {"tempo_bpm": 39.9},
        {"key": "H minor"},
        {"lufs": -5.9},
        {"takes": 0},
        {"melodies": "a.mid"},
    ],
)
def test_what_is_out_of_range_or_unknown_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(fields))):
        MusicOptions.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, False),
        ({"follow": "beats"}, True),
        ({"engine": "audio"}, False),
        ({"engine": "audio", "follow": "beats"}, False),
    ],
)
def test_only_the_audio_engine_follows_less_than_the_score(fields: dict[str, object], refused: bool) -> None:
    if refused:
        with pytest.raises(ValidationError, match="only the audio engine can follow beats"):
            MusicOptions.model_validate(fields)
    else:
        assert MusicOptions.model_validate(fields).model_dump(exclude_defaults=True) == fields


def test_an_engine_writes_what_it_has() -> None:
    assert refused_beside("score", "score", stems=True, notes=True) is None
    assert refused_beside("audio", "score", stems=False, notes=True) is None
    assert refused_beside("audio", "score", stems=True, notes=True) is None
    assert "follows chords has no stems" in (refused_beside("audio", "chords", stems=True, notes=False) or "")
    assert "no notes" in (refused_beside("audio", "nothing", stems=False, notes=True) or "")


@pytest.mark.parametrize("wish", [{"stems": True, "follow": "beats"}, {"midi": True, "follow": "nothing"}])
def test_the_service_refuses_what_the_audio_engine_cannot_write(wish: dict[str, object]) -> None:
    asked = {"sources": [{"kind": "caption", "text": "calm"}], "engine": "audio"}

    with pytest.raises(ValidationError, match="leave"):
        SoundtrackRequest.model_validate(asked | wish)
