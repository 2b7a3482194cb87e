"""Artifacts in a local folder. obstore's own local store renames, but does not fsync; a published job must survive."""

import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from anyio import to_thread

from service.store.keys import PARTIAL, checked_key, checked_prefix
from service.store.port import NoSuchObject, Stored, StoreError, StoreUnavailable

PIECE = 1 << 20
STALE_S = 24 * 3600.0  # what a killed process left behind is removed after this
T = TypeVar("T")


class LocalArtifacts:
    """Each object is a file. It is written aside, synced, then renamed into place: whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, path: Path) -> Stored:
        """Copy a local file; either the whole object appears or nothing. Raises StoreError for an unreadable file."""
        return await _in_thread(partial(self._put, checked_key(key), path))

    async def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a local file, which appears whole; raises NoSuchObject."""
        await _in_thread(partial(_copy_out, self._folder / checked_key(key), path), key)

    async def head(self, key: str) -> Stored:
        """Look at an object; raises NoSuchObject."""
        return await _in_thread(partial(self._head, checked_key(key)), key)

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most 1 MiB; raises NoSuchObject."""
        place = self._folder / checked_key(key)
        file: BinaryIO = await _in_thread(partial(_open_object, place), key)
        try:
            left = (1 << 62 if end is None else end) - start
            await _in_thread(partial(file.seek, start))
            while left > 0 and (piece := await _in_thread(partial(file.read, min(PIECE, left)))):
                left -= len(piece)
                yield piece
        finally:
            file.close()

    async def list(self, prefix: str) -> AsyncIterator[Stored]:
        """Every object whose key begins with a prefix that ends in `/`, sorted."""
        root = self._folder / checked_prefix(prefix)
        for stored in await _in_thread(lambda: sorted(self._walk(root), key=lambda s: s.key)):
            yield stored

    async def delete(self, prefix: str) -> int:
        """Delete every object whose key begins with a prefix that ends in `/`; how many they were."""
        return await _in_thread(partial(_delete_tree, self._folder / checked_prefix(prefix)))

    async def check(self) -> None:
        """Return if an object can be written and deleted; also removes what killed processes left half-written."""
        await _in_thread(self._check)

    def _put(self, key: str, path: Path) -> Stored:
        try:
            source = path.open("rb")
        except OSError as exc:
            raise StoreError(f"{path} cannot be read ({exc.strerror}); write it before it is stored") from exc
        with source:
            return self._publish(source, key)

    def _publish(self, source: BinaryIO, key: str) -> Stored:
        aside = self._folder / PARTIAL / secrets.token_hex(16)
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("xb") as target:
                shutil.copyfileobj(source, target, PIECE)
                target.flush()
                os.fsync(target.fileno())
                seen = os.fstat(target.fileno())
            _rename(aside, self._folder / key)
        finally:
            aside.unlink(missing_ok=True)
        return Stored(key, seen.st_size, seen.st_mtime)

    def _head(self, key: str) -> Stored:
        place = self._folder / key
        seen = place.stat()
        if not place.is_file():
            raise FileNotFoundError(place)
        return Stored(key, seen.st_size, seen.st_mtime)

    def _walk(self, root: Path) -> Iterator[Stored]:
        for folder, _, names in os.walk(root):
            for name in names:
                key = (Path(folder) / name).relative_to(self._folder).as_posix()
                try:
                    yield self._head(key)
                except FileNotFoundError:  # deleted while we looked
                    continue

    def _check(self) -> None:
        probe = self._folder / PARTIAL / secrets.token_hex(16)
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"tonereel")
        probe.unlink()
        for left in probe.parent.iterdir():
            try:
                if time.time() - left.stat().st_mtime > STALE_S:
                    left.unlink()
            except FileNotFoundError:  # just published
                continue


async def _in_thread(work: Callable[[], T], key: str = "") -> T:
    try:
        return await to_thread.run_sync(work)
    except StoreError:
        raise
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as exc:
        if key:
            raise NoSuchObject(f"there is nothing under {key}; it was deleted or never written") from exc
        raise StoreUnavailable(f"the local store was moved while it was used: {exc}") from exc
    except OSError as exc:
        raise StoreUnavailable(f"the local store failed ({exc}); check its disk and its rights") from exc


def _open_object(place: Path) -> BinaryIO:
    return place.open("rb")


def _copy_out(place: Path, path: Path) -> None:
    with place.open("rb") as source:
        aside = path.with_name(f".{secrets.token_hex(8)}{PARTIAL}")
        try:
            with aside.open("xb") as target:
                shutil.copyfileobj(source, target, PIECE)
            aside.replace(path)
        except FileNotFoundError as exc:
            raise StoreError(f"{path.parent} does not exist; make the folder first") from exc
        finally:
            aside.unlink(missing_ok=True)


def _rename(aside: Path, place: Path) -> None:
    for last in (False, False, True):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.replace(place)
        except FileNotFoundError:  # a sweep removed the empty folder in between
            if last:
                raise
        else:
            break
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _delete_tree(root: Path) -> int:
    count = 0
    for folder, _, names in os.walk(root, topdown=False):
        for name in names:
            try:
                (Path(folder) / name).unlink()
            except FileNotFoundError:  # somebody else deleted it
                continue
            count += 1
        try:
            Path(folder).rmdir()
        except OSError:  # an object came in meanwhile, so the folder stays
            continue
    return count
