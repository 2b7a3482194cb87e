"""What people paste is made readable: emoji as words, debris out, words kept, scripts recognised."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.text import foreign_script, has_words, readable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("🎉🎉😂", "party popper, face with tears of joy"),
        ("💔😭🌧️", "broken heart, loudly crying face, cloud with rain"),
        ("We won 🏆!", "We won trophy, !"),
        ("❤️ ☀️", "heart, sun with rays"),
        ("👍🏽", "thumbs up sign"),
        ("👨‍👩‍👧", "man, woman, girl"),
        ("🇩🇪 wins", "flag, wins"),
        ("1️⃣", "1"),
        ("♩ = 92, F♯ minor ♪", "♩ = 92, F♯ minor ♪"),
        ("𝓗𝓮𝓵𝓵𝓸 Ｆｕｌｌ", "Hello Full"),
        ("\u202eThe sea\u202c is\u200b calm", "The sea is calm"),
        ("Caf\udce9 \udcff ends", "Caf ends"),
        ("a\x00b\x07c", "a b c"),
        ("one\r\n\r\ntwo\rthree", "one\n\ntwo\nthree"),
        ("much    space\t\tbetween", "much space between"),
        ("Cafe\u0301", "Café"),
        ("夜が来た。", "夜が来た。"),
        ("", ""),
    ],
)
def test_texts_are_read(text: str, read: str) -> None:
    assert readable(text) == read


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_reading_twice_is_reading_once_and_leaves_nothing_that_cannot_be_shown(text: str) -> None:
    read = readable(text)
    assert readable(read) == read
    assert not {unicodedata.category(c) for c in read.replace("\n", "").replace("\t", "")} & {"Cc", "Cf", "Cs", "Cn"}


@settings(max_examples=100)
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "Zs", "P"]), max_size=60))
def test_plain_english_stays_as_it_is_but_for_spaces(text: str) -> None:
    assert readable(text) == " ".join(text.split(" ")).strip(" ,") or "  " in text


@pytest.mark.parametrize("text", ["", " \n", "...!?", "—", "\u200d\ufe0f", "\udcff", "\u202e\u202c", "♪ ♫"])
def test_without_letters_numbers_or_emoji_there_are_no_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["a", "7", "🎉", "夜", "مرحبا"])
def test_letters_numbers_and_emoji_are_words(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("夜が来た。星が出た。", "Japanese"),
        ("夜晚来临，星星出现了。", "Chinese or Japanese"),
        ("밤이 왔다", "Korean"),
        ("مرحبا بالعالم", "Arabic"),
        ("Ночь пришла", "Cyrillic"),
        ("शुभ रात्रि", "Devanagari"),
        ("Καληνύχτα", "Greek"),
        ("Naïve café, straße, Łódź, đêm", None),
        ("Ночь over the big city", None),
        ("Ночь пришла, ok", "Cyrillic"),
        ("Ｆｕｌｌ width", None),
        ("🎉🎉 12", None),
        ("", None),
    ],
)
def test_the_script_of_most_letters_is_named_unless_it_is_latin(text: str, script: str | None) -> None:
    assert foreign_script(text) == script
