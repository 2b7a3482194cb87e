"""Music is called after what it was made for, in letters that every player can show."""

import asyncio
from datetime import UTC, datetime
from typing import Literal

import pytest

from schemas.edit import Extend
from schemas.soundtrack import (
    ImageInput,
    Input,
    MelodyInput,
    ReferenceInput,
    SoundInput,
    SoundtrackRequest,
    Upload,
    VideoInput,
)
from schemas.source import CaptionSource, StorySource
from service.records.memory import MemoryRecords
from service.records.port import Record, RecordsUnavailable
from service.worker.naming import UPLOAD_RECORD
from service.worker.title import MAX_CHARACTERS, UNTITLED, tidy, title_of

UPLOAD = "upl_" + "0" * 26
STORY = StorySource(text="A storm gathers over the bay. The boats come home.")
CAPTION = CaptionSource(text="calm piano")


def titled(*sources: Input, name: str | None = None, kind: Literal["video", "image", "audio"] = "video") -> str:
    """The title of a request whose upload was called `name`; None: nobody knows the upload any more."""

    async def go() -> str:
        records = MemoryRecords()
        if name is not None:
            upload = Upload(
                id=UPLOAD,
                kind=kind,
                name=name,
                media_type="x/y",
                n_bytes=1,
                sha256="0" * 64,
                expires_at=datetime.now(UTC),
            )
            await records.put(Record(UPLOAD_RECORD, UPLOAD, "films", upload.model_dump_json()), ttl_s=60)
        return await title_of(SoundtrackRequest(sources=sources), records)

    return asyncio.run(go())


def test_a_video_gives_its_name_before_all_others() -> None:
    sources = (CAPTION, STORY, ImageInput(url="https://example.com/still.png"), VideoInput(upload=UPLOAD))
    assert titled(*sources, name="Wedding in Graz.final.mp4") == "Wedding in Graz.final"


@pytest.mark.parametrize(
    ("sources", "title"),
    [
        ((CAPTION, ImageInput(url="https://example.com/a/Still%20life.png?size=2#x")), "Still life"),
        ((CAPTION, STORY), "A storm gathers over the bay. The boats come home."),
        ((ReferenceInput(url="https://example.com/song.mp3"), CAPTION), "calm piano"),
        ((ReferenceInput(url="https://example.com/song.mp3"),), "song"),
        ((ImageInput(url="https://example.com/"),), UNTITLED),
    ],
)
def test_without_a_video_the_next_source_that_has_a_name_gives_it(sources: tuple[Input, ...], title: str) -> None:
    assert titled(*sources) == title


def test_an_upload_that_is_forgotten_leaves_the_title_to_the_next() -> None:
    assert titled(VideoInput(upload=UPLOAD), CAPTION) == "calm piano"
    assert titled(VideoInput(upload=UPLOAD)) == UNTITLED


def test_music_that_is_edited_keeps_its_name_whatever_is_said_of_it() -> None:
    sound = SoundInput(url="https://example.com/My%20song.wav")
    request = SoundtrackRequest(sources=(CAPTION,), sound=sound, edit=Extend(by_s=2.0))
    assert asyncio.run(title_of(request, MemoryRecords())) == "My song"


def test_a_melody_gives_its_name_only_where_no_source_has_one() -> None:
    melody = MelodyInput(url="https://example.com/My%20tune.mid")
    for sources, title in (((), "My tune"), ((CAPTION,), "calm piano")):
        request = SoundtrackRequest(sources=sources, melody=melody)
        assert asyncio.run(title_of(request, MemoryRecords())) == title


def test_a_redis_that_is_away_is_no_reason_to_fail() -> None:
    class Away(MemoryRecords):
        async def get(self, kind: str, id_: str, *, tenant: str | None) -> Record:
            raise RecordsUnavailable("Redis does not answer")

    request = SoundtrackRequest(sources=(VideoInput(upload=UPLOAD), STORY))
    assert asyncio.run(title_of(request, Away())) == STORY.text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("one\ntwo\t\x00three\x1b[0m", "one two three [0m"),
        ("left\u202eright\ufeff", "left right"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("  \r\n ", ""),
        ("word " * 40, "word word word word word word word word word word word word word word word word…"),
        ("\u97f3" * 200, "\u97f3" * (MAX_CHARACTERS - 1) + "…"),
    ],
)
def test_a_title_is_one_line_of_what_can_be_shown(text: str, title: str) -> None:
    assert tidy(text) == title
    assert len(tidy(text)) <= MAX_CHARACTERS
