"""Reads a manifest line by line; a line that cannot be used becomes an item with a fault, never an exception."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from service.batch.item import Item, bad, good
from service.batch.spec import Spec
from service.errors import BadInput

MAX_LINE_BYTES = 2_000_000


class Items(Protocol):
    """Items that can be gone through more than once, each time in the same order."""

    def __iter__(self) -> Iterator[Item]:
        """All of them; none is kept."""


@dataclass
class Names:
    """Which names of files are taken, and where; two items must not write the same file."""

    _taken: dict[str, str] = field(default_factory=dict)

    def claim(self, spec: Spec, where: str) -> str | None:
        """Take an item's names; the fault, when one is taken already."""
        names = (spec.id, *spec.names)
        for name in names:
            if name in self._taken:
                return f"id {spec.id!r} writes the same files as {self._taken[name]}; give every line an id of its own"
        self._taken |= dict.fromkeys(names, where)
        return None

    def free(self, name: str) -> str:
        """A name like `name` that nobody has."""
        while name in self._taken:
            name += "x"
        return name


@dataclass(frozen=True)
class Manifest:
    """A JSONL file; `defaults` holds for every line that does not say otherwise."""

    path: Path
    defaults: Mapping[str, object] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Item]:
        """Every line that is not empty.

        Raises:
            BadInput: when the file cannot be read.
        """
        names, base = Names(), self.path.absolute().parent
        try:
            with self.path.open("rb") as file:
                number = 0
                while raw := file.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    whole = raw
                    while not whole.endswith(b"\n") and (whole := file.readline(MAX_LINE_BYTES)):
                        pass  # the rest of a line that is too long
                    if number == 1:
                        raw = raw.removeprefix(b"\xef\xbb\xbf")
                    if raw.strip():
                        yield self._item(raw, number, base, names)
        except OSError as exc:
            raise BadInput(f"{self.path}: cannot be read ({exc.strerror}); check the path") from exc

    def _item(self, raw: bytes, number: int, base: Path, names: Names) -> Item:
        where, fallback = f"{self.path.name}:{number}", names.free(f"line-{number}")
        try:
            fields = fields_of(raw)
            spec = spec_of({**self.defaults, **fields})
        except ValueError as exc:
            return bad(fallback, where, base, raw, str(exc))
        fault = names.claim(spec, where)
        return good(spec, where, base) if fault is None else bad(fallback, where, base, raw, fault)


def fields_of(raw: bytes) -> dict[str, object]:
    """The fields of a JSON object.

    Raises:
        ValueError: saying what is wrong.
    """
    if len(raw) > MAX_LINE_BYTES:
        raise ValueError(f"is longer than {MAX_LINE_BYTES // 1_000_000} MB; put long texts into files: '@story.txt'")
    try:
        fields = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as exc:
        raise ValueError("is not UTF-8 text; save it as UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise ValueError(f"is not JSON ({exc.msg} at character {exc.pos + 1}); write one object on one line") from exc
    except RecursionError as exc:
        raise ValueError("is nested too deeply; write one flat object") from exc
    if not isinstance(fields, dict):
        raise ValueError('is not a JSON object; write for example {"id": "a", "video": "a.mp4"}')  # noqa: TRY004
    return fields


def spec_of(fields: Mapping[str, object]) -> Spec:
    """The spec that fields make.

    Raises:
        ValueError: naming every field that is wrong.
    """
    try:
        return Spec.model_validate(dict(fields))
    except ValidationError as exc:
        faults = {_said(str(f["loc"][0]) if f["loc"] else "", f["type"], f["msg"]) for f in exc.errors()}
        raise ValueError("; ".join(sorted(faults))) from exc


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise json.JSONDecodeError(f"{twice!r} is there twice", "", 0)
    return fields


def _said(field_: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"unknown field {field_!r}; remove it or correct its name"
    if kind == "missing":
        return f"{field_} is missing"
    said = message.removeprefix("Value error, ")
    return f"{field_}: {said}" if field_ else said
