"""What is said about texts that cannot be understood."""

import pytest

from schemas.request import MusicRequest
from schemas.source import CaptionSource, StorySource
from service.looking import look
from service.progress import Silent, Stages
from tests.service.fake_parts import FakeParts


def remarks(*sources: StorySource | CaptionSource) -> tuple[str, ...]:
    """What is remarked on texts."""
    return look(MusicRequest(sources=sources), FakeParts(), Stages(Silent(), 2)).remarks


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (StorySource(text="夜が来た。星が出た。"), "the story is mostly in Japanese letters, which are not understood"),
        (CaptionSource(text="тихое пианино"), "the caption is mostly in Cyrillic letters, which are not understood"),
    ],
)
def test_a_foreign_script_is_remarked_on_with_what_to_do(source: StorySource | CaptionSource, said: str) -> None:
    (remark,) = remarks(source)
    assert remark.startswith(said)
    assert "translate it into English" in remark


def test_latin_letters_are_not_remarked_on_nor_are_texts_that_do_not_count() -> None:
    assert remarks(StorySource(text="Ein Café in Łódź."), CaptionSource(text="夜", weight=0.0)) == ()
