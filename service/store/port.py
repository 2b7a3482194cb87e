"""The artifact store as the service knows it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.errors import ServiceError


class StoreError(ServiceError):
    """The base of what the store refuses."""


class StoreUnavailable(StoreError):
    """The store does not answer or is full; nothing was written."""


class NoSuchObject(StoreError):
    """There is nothing under this key."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its key, its size and when it was written (unix seconds)."""

    key: str
    n_bytes: int
    modified_at: float


class ArtifactStore(Protocol):
    """Objects by key (`uploads/{id}/data`, `jobs/{id}/{attempt}/{name}`). All methods may raise StoreUnavailable."""

    async def put(self, key: str, path: Path) -> Stored:
        """Copy a local file; either the whole object appears or nothing."""

    async def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a local file; raises NoSuchObject."""

    async def head(self, key: str) -> Stored:
        """Look at an object; raises NoSuchObject."""

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most 1 MiB; raises NoSuchObject."""

    def list(self, prefix: str) -> AsyncIterator[Stored]:
        """Every object whose key begins with a prefix that ends in `/`."""

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key begins with a prefix that ends in `/`; how many they were."""

    async def check(self) -> None:
        """Return if an object can be written and deleted."""
