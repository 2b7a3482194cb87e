"""What only the store in a folder has to care about: disks that fill up and processes that die."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.store.local import STALE_S, LocalArtifacts
from service.store.port import NoSuchObject, StoreUnavailable

CHILD_ON_A_FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from service.store.local import LocalArtifacts
from service.store.port import NoSuchObject, StoreUnavailable

async def main(folder):
    store = LocalArtifacts(folder / "artifacts")
    await store.put("jobs/1/old", folder / "small")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    for key in ("jobs/1/new", "jobs/1/old"):
        try:
            await store.put(key, folder / "large")
        except StoreUnavailable as exc:
            print(exc)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main(Path(sys.argv[1])))
"""
CHILD_WITH_A_LARGE_FILE = """
import asyncio, resource, sys
from pathlib import Path
from service.store.local import LocalArtifacts

async def main(folder):
    store = LocalArtifacts(folder / "artifacts")
    await store.put("jobs/1/small", folder / "small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await store.put("jobs/1/large", folder / "large")
    async for _ in store.read("jobs/1/large"):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main(Path(sys.argv[1])))
"""


def run_child(code: str, folder: Path, *, large: int) -> str:
    (folder / "small").write_bytes(b"small")
    with (folder / "large").open("wb") as file:
        file.truncate(large)
    words = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def test_a_full_disk_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    said = run_child(CHILD_ON_A_FULL_DISK, tmp_path, large=100_000)

    assert said.count("check its disk") == 2
    store = LocalArtifacts(tmp_path / "artifacts")
    with pytest.raises(NoSuchObject):
        asyncio.run(store.head("jobs/1/new"))
    assert asyncio.run(store.head("jobs/1/old")).n_bytes == 5
    assert [p.name for p in (tmp_path / "artifacts").rglob("*") if p.is_file()] == ["old"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    assert int(run_child(CHILD_WITH_A_LARGE_FILE, tmp_path, large=48 << 20)) < 16 << 10  # kB


def test_what_a_killed_process_left_is_removed_after_a_day_and_not_before(tmp_path: Path) -> None:
    old, new = tmp_path / ".partial" / "old", tmp_path / ".partial" / "new"
    old.parent.mkdir()
    old.touch()
    new.touch()
    os.utime(old, (time.time() - STALE_S - 60,) * 2)

    asyncio.run(LocalArtifacts(tmp_path).check())

    assert not old.exists()
    assert new.exists()


def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        asyncio.run(LocalArtifacts(tmp_path / "file").check())


def test_a_reader_keeps_the_object_that_it_opened(tmp_path: Path) -> None:
    async def scenario() -> bytes:
        store = LocalArtifacts(tmp_path / "artifacts")
        (tmp_path / "given").write_bytes(b"a" * (3 << 20))
        await store.put("jobs/1/x", tmp_path / "given")
        pieces = store.read("jobs/1/x")
        read = await anext(pieces)
        (tmp_path / "given").write_bytes(b"b" * (3 << 20))
        await store.put("jobs/1/x", tmp_path / "given")
        await store.delete("jobs/1/")
        return read + b"".join([piece async for piece in pieces])

    assert set(asyncio.run(scenario())) == {ord("a")}
