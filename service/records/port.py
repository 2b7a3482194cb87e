"""Small JSON records by kind and name, owned by a tenant, with a time to live."""

from dataclasses import dataclass
from typing import Protocol

from service.errors import ServiceError


class UnknownRecord(ServiceError):
    """There is no such record, or it is somebody else's."""


class RecordsUnavailable(ServiceError):
    """Redis does not answer; nothing was written."""


@dataclass(frozen=True, slots=True)
class Record:
    """`body` is JSON of at most 256 kB."""

    kind: str
    id: str
    tenant: str
    body: str


class Records(Protocol):
    """All methods may raise RecordsUnavailable."""

    async def put(self, record: Record, *, ttl_s: int | None) -> None:
        """Write a record, or write over it; None keeps it until it is deleted."""

    async def get(self, kind: str, id_: str, *, tenant: str | None) -> Record:
        """A record; a tenant other than its own does not see it (None sees all). Raises UnknownRecord."""

    async def list(self, kind: str, *, tenant: str | None) -> tuple[Record, ...]:
        """All records of a kind that a tenant owns (None: everybody's), newest first."""

    async def delete(self, kind: str, id_: str, *, tenant: str | None) -> None:
        """Forget a record; raises UnknownRecord."""

    async def take(self, kind: str, id_: str, *, ttl_s: int) -> bool:
        """Set a mark if it is not set: True for exactly one of all who ask until it lapses."""
