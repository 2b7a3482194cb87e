"""Tells whether the files of an item are those that it was made from before."""

from collections.abc import Iterator
from pathlib import Path

from service.batch.item import Item, inputs_of
from service.batch.journal import Entry, InputMark
from service.bundle import sha256_of
from service.errors import BadInput


def marks_of(item: Item, before: Entry | None = None) -> tuple[InputMark, ...]:
    """A mark of every file that an item names; one with the size and time of before is not read again.

    Raises:
        BadInput: when a file is missing or cannot be read.
    """
    known = {mark.name: mark for mark in before.inputs} if before else {}
    return tuple(_mark(name, path, known.get(name)) for name, path in dict(inputs_of(item)).items())


def are_same(marks: tuple[InputMark, ...], before: tuple[InputMark, ...]) -> bool:
    """Whether the contents are the same, whenever the files were written."""
    return list(_contents(marks)) == list(_contents(before))


def _contents(marks: tuple[InputMark, ...]) -> Iterator[tuple[str, str]]:
    return ((mark.name, mark.sha256) for mark in marks)


def _mark(name: str, path: Path, known: InputMark | None) -> InputMark:
    try:
        status = path.stat()
        if known and (known.n_bytes, known.changed_ns) == (status.st_size, status.st_mtime_ns):
            return known
        if not path.is_file():
            raise BadInput(f"{path}: is not a file; give the path of a file")
        return InputMark(name=name, n_bytes=status.st_size, changed_ns=status.st_mtime_ns, sha256=sha256_of(path))
    except (OSError, ValueError) as exc:  # ValueError: a name with a null byte
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise BadInput(f"{path}: cannot be read ({reason}); check the path") from exc
