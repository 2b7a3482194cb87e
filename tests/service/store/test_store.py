"""One contract for every store."""

import asyncio
import os
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import pytest

from service.store.port import ArtifactStore, NoSuchObject, StoreError

T = TypeVar("T")
MIB = 1 << 20
KEY = "jobs/st_1/1/music.wav"


def run(work: Coroutine[None, None, T]) -> T:
    return asyncio.run(work)


def a_file(folder: Path, content: bytes = b"0123456789") -> Path:
    path = folder / "given"
    path.write_bytes(content)
    return path


async def read_all(store: ArtifactStore, key: str, *, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in store.read(key, start=start, end=end)])


async def keys_of(store: ArtifactStore, prefix: str) -> list[str]:
    return sorted([stored.key async for stored in store.list(prefix)])


def test_what_was_put_is_fetched(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        await store.put(KEY, a_file(tmp_path))
        await store.fetch(KEY, tmp_path / "fetched")

    run(scenario())
    assert (tmp_path / "fetched").read_bytes() == b"0123456789"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] != []
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_putting_and_looking_tell_size_and_time(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        put = await store.put(KEY, a_file(tmp_path))
        head = await store.head(KEY)
        assert (put.key, put.n_bytes) == (head.key, head.n_bytes) == (KEY, 10)
        assert abs(head.modified_at - time.time()) < 60
        assert abs(head.modified_at - put.modified_at) < 1

    run(scenario())


def test_a_second_put_writes_over_the_first(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> bytes:
        await store.put(KEY, a_file(tmp_path, b"first, and longer"))
        await store.put(KEY, a_file(tmp_path, b"second"))
        return await read_all(store, KEY)

    assert run(scenario()) == b"second"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 5, b"34"),
        (0, 1, b"0"),
        (9, 99, b"9"),
        (10, None, b""),
        (99, 100, b""),
        (4, 4, b""),
    ],
)
def test_a_range_is_read_like_a_slice(
    store: ArtifactStore, tmp_path: Path, start: int, end: int | None, expected: bytes
) -> None:
    async def scenario() -> bytes:
        await store.put(KEY, a_file(tmp_path))
        return await read_all(store, KEY, start=start, end=end)

    assert run(scenario()) == expected


def test_large_objects_go_and_come_in_pieces(store: ArtifactStore, tmp_path: Path) -> None:
    content = os.urandom(11 * MIB + 123)

    async def scenario() -> list[bytes]:
        await store.put(KEY, a_file(tmp_path, content))
        await store.fetch(KEY, tmp_path / "fetched")
        return [piece async for piece in store.read(KEY, start=5)]

    pieces = run(scenario())
    assert b"".join(pieces) == content[5:]
    assert max(map(len, pieces)) <= MIB
    assert (tmp_path / "fetched").read_bytes() == content


def test_an_empty_object_is_an_object(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        assert (await store.put(KEY, a_file(tmp_path, b""))).n_bytes == 0
        assert await read_all(store, KEY) == await read_all(store, KEY, end=10) == b""
        await store.fetch(KEY, tmp_path / "fetched")

    run(scenario())
    assert (tmp_path / "fetched").read_bytes() == b""


def test_what_is_not_there_is_said_so(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(NoSuchObject, match=KEY):
            await store.head(KEY)
        with pytest.raises(NoSuchObject, match=KEY):
            await read_all(store, KEY)
        with pytest.raises(NoSuchObject, match=KEY):
            await store.fetch(KEY, tmp_path / "fetched")
        await store.put(KEY, a_file(tmp_path))
        with pytest.raises(NoSuchObject):
            await store.head("jobs/st_1")

    run(scenario())
    assert not (tmp_path / "fetched").exists()


def test_a_list_has_what_begins_with_the_prefix_and_nothing_else(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        given = a_file(tmp_path)
        for key in ("jobs/st_1/1/a", "jobs/st_1/2/b", "jobs/st_10/1/a", "uploads/u/data"):
            await store.put(key, given)
        assert await keys_of(store, "jobs/st_1/") == ["jobs/st_1/1/a", "jobs/st_1/2/b"]
        assert await keys_of(store, "jobs/") == ["jobs/st_1/1/a", "jobs/st_1/2/b", "jobs/st_10/1/a"]
        assert await keys_of(store, "none/") == []
        assert {stored.n_bytes async for stored in store.list("uploads/")} == {10}

    run(scenario())


def test_deleting_takes_everything_under_a_prefix_and_counts_it(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        given = a_file(tmp_path)
        for key in ("jobs/st_1/1/a", "jobs/st_1/2/b", "jobs/st_10/1/a"):
            await store.put(key, given)
        assert await store.delete("jobs/st_1/") == 2
        assert await store.delete("jobs/st_1/") == 0
        assert await keys_of(store, "jobs/") == ["jobs/st_10/1/a"]
        await store.put("jobs/st_1/3/c", given)
        assert await keys_of(store, "jobs/st_1/") == ["jobs/st_1/3/c"]

    run(scenario())


@pytest.mark.parametrize(
    "key", ["jobs/1/Für Elise 50% #1.wav", "jobs/1/%2e%2e", "jobs/1/海.mid", "jobs/1/a~b[1]|*?.wav"]
)
def test_names_come_back_as_they_were_given(store: ArtifactStore, tmp_path: Path, key: str) -> None:
    async def scenario() -> None:
        await store.put(key, a_file(tmp_path))
        assert await keys_of(store, "jobs/1/") == [key]
        assert (await store.head(key)).key == key
        assert await read_all(store, key) == b"0123456789"
        assert await store.delete("jobs/1/") == 1

    run(scenario())


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "..",
        "jobs/../x",
        "jobs/./x",
        "jobs//x",
        "jobs/",
        "a\\b",
        "a\nb",
        "a\x00b",
        "\ud800",
        ".partial/x",
        "x" * 201,
        "/".join(["x" * 100] * 10),
    ],
)
def test_keys_that_could_lead_elsewhere_are_refused(store: ArtifactStore, tmp_path: Path, key: str) -> None:
    async def scenario() -> None:
        given = a_file(tmp_path)
        with pytest.raises(StoreError):
            await store.put(key, given)
        with pytest.raises(StoreError):
            await store.head(key)
        with pytest.raises(StoreError):
            await read_all(store, key)
        with pytest.raises(StoreError):
            await store.fetch(key, tmp_path / "fetched")

    run(scenario())


@pytest.mark.parametrize("prefix", ["", "/", "jobs", "../", "jobs/../", "/jobs/"])
def test_prefixes_that_could_mean_more_than_they_say_are_refused(store: ArtifactStore, prefix: str) -> None:
    async def scenario() -> None:
        with pytest.raises(StoreError):
            await store.delete(prefix)
        with pytest.raises(StoreError):
            await keys_of(store, prefix)

    run(scenario())


def test_a_file_that_is_not_there_is_not_put(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(StoreError, match="nothing-here"):
            await store.put(KEY, tmp_path / "nothing-here")
        with pytest.raises(NoSuchObject):
            await store.head(KEY)

    run(scenario())


def test_fetching_into_a_folder_that_is_not_there_says_so(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        await store.put(KEY, a_file(tmp_path))
        with pytest.raises(StoreError, match="make the folder"):
            await store.fetch(KEY, tmp_path / "no" / "fetched")

    run(scenario())


def test_a_store_that_works_passes_its_check_and_keeps_nothing_of_it(store: ArtifactStore) -> None:
    async def scenario() -> list[str]:
        await store.check()
        return await keys_of(store, "jobs/")

    assert run(scenario()) == []


def test_many_at_once_do_not_disturb_each_other(store: ArtifactStore, tmp_path: Path) -> None:
    async def scenario() -> None:
        given = a_file(tmp_path)
        await asyncio.gather(*(store.put(f"jobs/{i % 4}/{i}", given) for i in range(24)))
        assert len(await keys_of(store, "jobs/")) == 24
        assert sum(await asyncio.gather(*(store.delete(f"jobs/{i}/") for i in range(4)))) == 24

    run(scenario())
