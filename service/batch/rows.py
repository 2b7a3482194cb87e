"""The rows of the summary: the items of a batch in their order, each with its last word from the journal."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.batch.journal import Entry, Journal
from service.batch.manifest import Items


@dataclass(frozen=True, slots=True)
class Row:
    """An item and how it ended; no entry while it is open."""

    id: str
    entry: Entry | None

    @property
    def status(self) -> str:
        """In one word."""
        if self.entry is None:
            return "open"
        return "done" if self.entry.is_done else "failed"


def rows_of(items: Items, journal: Journal) -> Iterator[Row]:
    """One row for each item; what the journal says of a line that has changed since does not count."""
    for item in items:
        entry = journal.last(item.id)
        yield Row(item.id, entry if entry is not None and entry.digest == item.digest else None)
