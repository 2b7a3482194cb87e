"""Artifacts in anything that obstore reaches: S3-compatible stores, and memory for tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import anyio
import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import MemoryStore, S3Store

from service.errors import BadInput
from service.store.keys import PARTIAL, checked_key, checked_prefix
from service.store.port import NoSuchObject, Stored, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta

PIECE, RANGE, PART = 1 << 20, 4 << 20, 5 << 20  # bytes handed on, asked for, and sent at once (S3's least)
PARTS_AT_ONCE = 1
DELETE_AT_ONCE = 1000
TIMEOUT = timedelta(seconds=10)  # of one request: 4 or 5 MiB
RETRIES, RETRY_FOR = 3, timedelta(seconds=20)


class ObjectArtifacts:
    """An object store. Memory use does not grow with the size of objects: they go in parts of 5 MiB and come in ranges.

    A process killed in the middle of a large `put` leaves parts that nobody sees but that cost money: give the bucket
    a lifecycle rule that aborts incomplete multipart uploads.
    """

    def __init__(self, store: S3Store | MemoryStore) -> None:
        self._store = store

    @classmethod
    def memory(cls) -> Self:
        """An empty store that lives as long as this object."""
        return cls(MemoryStore())

    @classmethod
    def s3(cls, url: str, *, endpoint: str | None = None) -> Self:
        """A bucket such as `s3://bucket/prefix`; credentials and region come from the usual AWS_ variables.

        Raises:
            BadInput: the address is not one of a bucket.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise BadInput(f"{url!r} is no bucket; give the store as s3://bucket/prefix")
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config={} if endpoint is None else {"endpoint": endpoint},
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": TIMEOUT,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
        )
        return cls(store)

    async def put(self, key: str, path: Path) -> Stored:
        """Copy a local file; either the whole object appears or nothing. Raises StoreError for an unreadable file."""
        checked_key(key)
        if not await anyio.Path(path).is_file():
            raise StoreError(f"{path} is not a file; write it before it is stored")
        with _translated():
            await obstore.put_async(self._store, key, path, chunk_size=PART, max_concurrency=PARTS_AT_ONCE)
            return _stored(await obstore.head_async(self._store, key))

    async def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a local file, which appears whole; raises NoSuchObject."""
        pieces = self.read(key)
        first = await anext(pieces, b"")  # before a file is made, so that nothing is left of what is not there
        aside = path.with_name(f".{token_hex(8)}{PARTIAL}")
        try:
            async with await anyio.open_file(aside, "xb") as file:
                await file.write(first)
                async for piece in pieces:
                    await file.write(piece)
            aside.replace(path)
        except FileNotFoundError as exc:
            raise StoreError(f"{path.parent} does not exist; make the folder first") from exc
        except OSError as exc:
            raise StoreUnavailable(f"{path} cannot be written ({exc.strerror}); check its disk") from exc
        finally:
            aside.unlink(missing_ok=True)

    async def head(self, key: str) -> Stored:
        """Look at an object; raises NoSuchObject."""
        with _translated(checked_key(key)):
            return _stored(await obstore.head_async(self._store, key))

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most 1 MiB; raises NoSuchObject.

        Asks for 4 MiB at a time: no request stays open while a slow reader takes its time.
        """
        size = (await self.head(key)).n_bytes
        end = size if end is None else min(end, size)
        tag: str | None = None
        while start < end:
            options: GetOptions = {"range": (start, min(end, start + RANGE))}
            if tag is not None:
                options["if_match"] = tag
            with _translated(key):
                got = await obstore.get_async(self._store, key, options=options)
                block = memoryview(await got.bytes_async())
            tag = got.meta["e_tag"]
            start += len(block)
            for at in range(0, len(block), PIECE):
                yield bytes(block[at : at + PIECE])

    async def list(self, prefix: str) -> AsyncIterator[Stored]:
        """Every object whose key begins with a prefix that ends in `/`."""
        checked_prefix(prefix)
        with _translated():
            async for page in obstore.list(self._store, prefix, chunk_size=DELETE_AT_ONCE):
                for meta in page:
                    yield _stored(meta)

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key begins with a prefix that ends in `/`; how many they were."""
        keys = [stored.key async for stored in self.list(prefix)]
        for at in range(0, len(keys), DELETE_AT_ONCE):
            with _translated():
                await obstore.delete_async(self._store, keys[at : at + DELETE_AT_ONCE])
        return len(keys)

    async def check(self) -> None:
        """Return if an object can be written and deleted."""
        key = f"{PARTIAL}/{token_hex(16)}"
        with _translated():
            await obstore.put_async(self._store, key, b"tonereel")
            await obstore.delete_async(self._store, key)


def _stored(meta: "ObjectMeta") -> Stored:
    return Stored(meta["path"], meta["size"], meta["last_modified"].timestamp())


@contextmanager
def _translated(key: str | None = None) -> Iterator[None]:
    """obstore's errors as ours; what is missing is an object if there is a key, and else the bucket."""
    try:
        yield
    except FileNotFoundError as exc:
        if key is None:
            raise StoreUnavailable(f"the store has no such bucket ({_first_line(exc)}); create it") from exc
        raise NoSuchObject(f"there is nothing under {key}; it was deleted or never written") from exc
    except PreconditionError as exc:
        raise StoreUnavailable(f"{key} was written over while it was read; read it again") from exc
    except (BaseError, OSError) as exc:
        raise StoreUnavailable(
            f"the store failed ({_first_line(exc)}); check that it runs and its credentials"
        ) from exc


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
