"""What may be asked of the music is one list for the command line, the service and the batch."""

import pytest
from pydantic import ValidationError

from schemas.options import MusicOptions
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
