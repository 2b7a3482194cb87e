"""Keywords of the client and fields of a request are the same."""

from typing import get_type_hints

from schemas.soundtrack import SoundtrackRequest
from service.client.asking import SOURCES, Asked
from service.client.downloading import _plain


def test_every_option_of_a_request_can_be_asked_for_by_keyword() -> None:
    assert set(get_type_hints(Asked)) - SOURCES == set(SoundtrackRequest.model_fields) - {"sources"}


def test_a_name_from_the_service_stays_in_the_folder() -> None:
    assert [_plain(n) for n in ("../../a.wav", "/etc/passwd", "a\\..\\b.wav", "..", "")] == [
        "a.wav",
        "passwd",
        "b.wav",
        "output",
        "output",
    ]
