"""Texts from the command line: read as people mean them, or refused with what to do."""

from pathlib import Path
from typing import cast

import pytest

from encoders.errors import EmptyStory, MediaTooLarge
from schemas.request import MusicRequest
from schemas.source import MAX_CAPTION_CHARACTERS, MAX_STORY_CHARACTERS, CaptionSource, StorySource
from service.errors import BadInput
from service.gather import MAX_TEXT_BYTES, request_of
from service.options import SourceOptions

NOTHING: dict[str, object] = dict.fromkeys(SourceOptions.__annotations__)
NOTHING |= {"image": (), "weight": (), "loop": False, "seed": 0, "quiet": True}


def asked(**given: object) -> MusicRequest:
    """The request that some options make."""
    return request_of(cast(SourceOptions, NOTHING | given))


def text_of(**given: object) -> str:
    """The only text of a request."""
    (source,) = asked(**given).sources
    assert isinstance(source, StorySource | CaptionSource)
    return source.text


def test_emoji_arrive_as_their_names_and_marks_not_at_all() -> None:
    assert text_of(story="🎉🎉") == "party popper"
    assert text_of(caption="\u202ecalm\u202c \udcff piano") == "calm piano"


def test_foreign_scripts_arrive_as_they_are() -> None:
    assert text_of(story="夜が来た。星が出た。") == "夜が来た。星が出た。"


def test_a_file_is_read_with_its_byte_order_mark_and_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_bytes("\ufeffNight.\r\n\r\nMorning.".encode())
    assert text_of(story=f"@{tmp_path / 'story.txt'}") == "Night.\n\nMorning."


def test_20000_words_are_taken_whole() -> None:
    assert len(text_of(story="seven " * 20_000).split()) == 20_000


@pytest.mark.parametrize("kind", ["story", "caption"])
@pytest.mark.parametrize("text", ["", " \n\t", "...", "\u200b\ufe0f", "\udcff"])
def test_a_text_without_words_is_refused_by_its_name(kind: str, text: str) -> None:
    with pytest.raises(EmptyStory, match=f"the {kind} has no words in it; write what happens, or leave --{kind} out"):
        asked(**{kind: text})


@pytest.mark.parametrize(
    ("kind", "limit", "mend"),
    [("story", MAX_STORY_CHARACTERS, "score its parts"), ("caption", MAX_CAPTION_CHARACTERS, "as --story")],
)
def test_a_text_over_its_limit_is_refused_with_the_limit(kind: str, limit: int, mend: str) -> None:
    assert len(text_of(**{kind: "a" * limit})) == limit
    with pytest.raises(MediaTooLarge, match=f"the {kind} has {limit + 1:,} characters; at most {limit:,} .*{mend}"):
        asked(**{kind: "a" * (limit + 1)})


def test_emoji_that_grow_beyond_the_limit_by_their_names_are_cut() -> None:
    assert len(text_of(caption="🎉😂" * (MAX_CAPTION_CHARACTERS // 2))) <= MAX_CAPTION_CHARACTERS


def test_a_file_in_another_encoding_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("Señor".encode("latin-1"))
    with pytest.raises(BadInput, match=r"latin\.txt: is not a text file; save it as UTF-8 text"):
        asked(story=f"@{tmp_path / 'latin.txt'}")
    (tmp_path / "large.txt").write_bytes(b"a" * (MAX_TEXT_BYTES + 1))
    with pytest.raises(BadInput, match=r"large\.txt: is larger than 2 MB; give a shorter text"):
        asked(story=f"@{tmp_path / 'large.txt'}")
