"""What people paste and type, made readable: emoji said by their names, debris out, scripts recognised."""

import re
import unicodedata
from collections import Counter
from functools import cache

#: The sentence encoder has read English; letters of other scripts reach it one by one and mean nothing to it.
_NAMES = {"CJK": "Chinese or Japanese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}
_LETTERS_LOOKED_AT = 20_000
_FIRST_PICTOGRAPH = 0x1F000  # older symbols are named by how they are printed: "black sun with rays", "heavy heart"
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_VARIATIONS = range(0xFE00, 0xFE10)
#: Signs of the clock, weather, hearts and faces; notes, flats and sharps, which lie between them, stay as they are.
_SYMBOLS = (range(0x2300, 0x2400), range(0x2600, 0x2669), range(0x2670, 0x27C0), range(0x2B00, 0x2C00))
_PRINTED = re.compile(r"\b(?:black|white|heavy|suit|sign|symbol|medium|large)\b")


def readable(text: str) -> str:
    """Return a text as it can be read: emoji as words, no control or bidirectional marks, no halves of characters.

    Letters of the mathematical and fullwidth alphabets become plain ones; line ends and paragraphs stay. Of an emoji
    that comes several times in a row one is kept.
    """
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    said: list[str] = []
    for character in text:
        word = _said(character)
        if word != character and word.strip() and said and said[-1] == word:
            continue
        if word:
            said.append(word)
    return re.sub(r"[^\S\n]{2,}", " ", "".join(said)).strip(" ,")


def has_words(text: str) -> bool:
    """Whether anything in a text can be read."""
    return re.search(r"\w", readable(text)) is not None


def foreign_script(text: str) -> str | None:
    """The name of the script that most letters of a text are written in where that is not the Latin one, or None."""
    letters = (c for c in unicodedata.normalize("NFKC", text[: 2 * _LETTERS_LOOKED_AT]) if c.isalpha())
    scripts = Counter(_script(c) for c in letters)
    if scripts["LATIN"] * 2 >= scripts.total():
        return None
    del scripts["LATIN"]
    if kana := scripts.keys() & {"HIRAGANA", "KATAKANA"}:  # who writes them writes Japanese, Chinese characters too
        scripts[kana.pop()] += scripts["CJK"]
    name = scripts.most_common(1)[0][0]
    return _NAMES.get(name, name.capitalize())


@cache
def _script(letter: str) -> str:
    """The first word of a letter's name, which is its script."""
    return unicodedata.name(letter, "UNKNOWN").split()[0].removesuffix("-")


@cache
def _said(character: str) -> str:
    """A character as it is read: itself, an emoji's name, a space, or nothing."""
    code, category = ord(character), unicodedata.category(character)
    if character in "\n\t":
        return character
    if code in _FLAG_LETTERS:
        return " flag, "
    if category == "So" and (code >= _FIRST_PICTOGRAPH or any(code in block for block in _SYMBOLS)):
        name = unicodedata.name(character, "").lower()
        return f" {name if code >= _FIRST_PICTOGRAPH else _PRINTED.sub('', name).strip()}, "
    if code in _SKIN_TONES or code in _VARIATIONS or category in {"Cf", "Me"}:
        return ""
    return " " if category in {"Cc", "Cs", "Co", "Cn"} else character
