"""Decides for each item whether anything is left to do, by what the journal says and what lies on the disk."""

from dataclasses import dataclass
from pathlib import Path

from schemas.request import MusicRequest
from service.batch.inputs import are_same, marks_of
from service.batch.item import Item, inputs_of, request_of
from service.batch.journal import Entry, InputMark, Journal
from service.batch.placing import STEMS
from service.errors import BadInput


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with an item: nothing (`kept` says how it ended before), fail it at once, or make it."""

    item: Item
    attempt: int = 1
    marks: tuple[InputMark, ...] = ()
    kept: Entry | None = None
    error: Exception | None = None
    request: MusicRequest | None = None


class Judge:
    """Looks at items; changes nothing."""

    def __init__(self, journal: Journal, folder: Path, *, retry_failed: bool = True) -> None:
        self._journal, self._folder, self._retry_failed = journal, folder.resolve(), retry_failed

    def verdict(self, item: Item) -> Verdict:
        """What is to be done with an item."""
        before = self._journal.last(item.id)
        if before is not None and before.digest != item.digest:
            before = None
        try:
            marks = marks_of(item, before)
        except Exception as exc:  # whatever is wrong with one item must not stop the others
            return self._failure(item, before, (), exc)
        if before is not None and not are_same(marks, before.inputs):
            before = None
        if before is not None and (self._is_whole(before) if before.is_done else not self._retry_failed):
            return Verdict(item, before.attempt, marks, kept=before)
        try:
            self._refuse_results(item)
            request = request_of(item)
        except Exception as exc:  # as above
            return self._failure(item, before, marks, exc)
        return Verdict(item, _next_attempt(before), marks, request=request)

    def _failure(self, item: Item, before: Entry | None, marks: tuple[InputMark, ...], error: Exception) -> Verdict:
        if before is not None and not before.is_done and not self._retry_failed:
            return Verdict(item, before.attempt, marks, kept=before)
        return Verdict(item, _next_attempt(before), marks, error=error)

    def _is_whole(self, entry: Entry) -> bool:
        """Whether every file that it made is there, as long as it was."""
        paths = ((self._folder / file.path, file.n_bytes) for file in entry.outputs)
        return all(path.is_file() and path.stat().st_size == n_bytes for path, n_bytes in paths)

    def _refuse_results(self, item: Item) -> None:
        for name, path in inputs_of(item):
            parent = path.resolve().parent
            if parent == self._folder or parent.is_relative_to(self._folder / STEMS):
                raise BadInput(f"{name}: lies where the results go and could be overwritten; choose another -o")


def _next_attempt(before: Entry | None) -> int:
    """A failed item is tried anew; one whose files were lost is the same try again, which a service need not repeat."""
    if before is None:
        return 1
    return before.attempt if before.is_done else before.attempt + 1
