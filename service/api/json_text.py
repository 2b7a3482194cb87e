"""JSON that is safe to take in: no deep nesting, no duplicate keys, no NaN, no text that cannot be stored."""

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NoReturn

from service.api.errors import InvalidBody, MalformedBody

MAX_DEPTH = 64
MAX_NESTED = 100_000  # lists and objects of one text; a batch of a thousand items has a tenth of them
# A string that never ends matches to the end, so that its quotes are not tried one after the other.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = tuple(1 if c in b"[{" else -1 for c in range(256))
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def parse_json(text: bytes) -> object:
    """The value of a JSON text.

    Nesting is measured before parsing, so that a hostile text costs no more than reading it.

    Raises:
        MalformedBody: not JSON in UTF-8, NaN or Infinity, a key twice in one object, nested more than 64 deep.
        InvalidBody: a string holds NUL or half of a surrogate pair, which nothing downstream can store.
    """
    brackets = _STRING.sub(b"", text).translate(None, _NOT_BRACKET)
    if len(brackets) > 2 * MAX_NESTED:
        raise MalformedBody(f"the JSON holds more than {MAX_NESTED} lists and objects; send less")
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise MalformedBody(f"the JSON is nested more than {MAX_DEPTH} deep; flatten it")
    try:
        value: object = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except UnicodeDecodeError as exc:
        raise MalformedBody("the body is not UTF-8; encode it as UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise MalformedBody(f"the body is not JSON: {exc.msg} at line {exc.lineno} column {exc.colno}") from exc
    except (ValueError, RecursionError) as exc:  # numbers of thousands of digits
        raise MalformedBody("the body holds a number that is too long") from exc
    if _SUSPICIOUS.search(text):
        for pointer, string in _strings(value):
            check_text(string, pointer)
    return value


def check_text(text: str, pointer: str) -> None:
    """Refuse NUL and lone surrogates.

    Raises:
        InvalidBody: naming the place.
    """
    if "\x00" in text:
        raise InvalidBody.at(pointer, "holds the character NUL; remove it")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidBody.at(pointer, "holds half of a surrogate pair; send whole characters")


def escaped(name: object) -> str:
    """A name as a step of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody("an object has the same key twice; keep one of them")
    return found


def _refuse(name: str) -> NoReturn:
    raise MalformedBody(f"{name} is not JSON; leave the field out instead")


def _strings(value: object) -> Iterator[tuple[str, str]]:
    """Every string and key with its pointer; a list instead of recursion, since depth is the sender's choice."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, found = waiting.pop()
        if isinstance(found, str):
            yield pointer, found
        elif isinstance(found, dict):
            for key, inner in found.items():
                yield f"{pointer}/{escaped(key)}", key
                waiting.append((f"{pointer}/{escaped(key)}", inner))
        elif isinstance(found, list):
            waiting.extend((f"{pointer}/{i}", inner) for i, inner in enumerate(found))
