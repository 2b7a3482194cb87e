"""Records in memory, for tests and for processes without Redis; the clock can be another."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from service.records.port import Record
from service.records.rules import check_kind, check_record, check_ttl, unknown


@dataclass(frozen=True, slots=True)
class _Kept:
    record: Record
    nth: int  # order of first writing
    until_s: float


class MemoryRecords:
    """Everything ends with the process. `now_s` is any clock that grows, in seconds."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._marks: dict[tuple[str, str], float] = {}
        self._count = count()

    async def put(self, record: Record, *, ttl_s: int | None) -> None:
        """Write a record, or write over it; None keeps it until it is deleted."""
        check_record(record, ttl_s)
        before = self._find(record.kind, record.id, None)
        nth = next(self._count) if before is None else before.nth
        until_s = float("inf") if ttl_s is None else self._now_s() + ttl_s
        self._kept[record.kind, record.id] = _Kept(record, nth, until_s)

    async def get(self, kind: str, id_: str, *, tenant: str | None) -> Record:
        """A record; a tenant other than its own does not see it (None sees all). Raises UnknownRecord."""
        check_kind(kind)
        kept = self._find(kind, id_, tenant)
        if kept is None:
            raise unknown(kind, id_)
        return kept.record

    async def list(self, kind: str, *, tenant: str | None) -> tuple[Record, ...]:
        """All records of a kind that a tenant owns (None: everybody's), newest first."""
        check_kind(kind)
        of_kind = [self._find(k, id_, tenant) for k, id_ in tuple(self._kept) if k == kind]
        return tuple(k.record for k in sorted((k for k in of_kind if k is not None), key=lambda k: -k.nth))

    async def delete(self, kind: str, id_: str, *, tenant: str | None) -> None:
        """Forget a record; raises UnknownRecord."""
        await self.get(kind, id_, tenant=tenant)
        del self._kept[kind, id_]

    async def take(self, kind: str, id_: str, *, ttl_s: int) -> bool:
        """Set a mark if it is not set: True for exactly one of all who ask until it lapses."""
        check_kind(kind)
        check_ttl(ttl_s)
        now_s = self._now_s()
        self._marks = {name: until_s for name, until_s in self._marks.items() if until_s > now_s}
        if (kind, id_) in self._marks:
            return False
        self._marks[kind, id_] = now_s + ttl_s
        return True

    async def close(self) -> None:
        """Nothing is held."""

    def _find(self, kind: str, id_: str, tenant: str | None) -> _Kept | None:
        kept = self._kept.get((kind, id_))
        if kept is None:
            return None
        if kept.until_s <= self._now_s():
            del self._kept[kind, id_]
            return None
        return kept if tenant in {None, kept.record.tenant} else None
