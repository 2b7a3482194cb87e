"""Downloading what a job made."""

import hashlib
import random

import anyio
import httpx
import pytest

from tests.service.api.world import CAPTION, World, problem

CONTENT = bytes(range(256)) * 16


@pytest.fixture
def address(world: World) -> str:
    """The address of an artifact."""
    job = world.request("POST", "/v1/soundtracks", json=CAPTION).json()["id"]
    anyio.run(world.make, CONTENT, b"second")
    outputs = world.request("GET", f"/v1/soundtracks/{job}").json()["outputs"]
    assert len(outputs) == 2
    return str(outputs[0]["content_url"])


def test_a_file_comes_whole_with_everything_that_caches_need(world: World, address: str) -> None:
    answer = world.request("GET", address)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    headers = answer.headers
    assert headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert (headers["accept-ranges"], headers["content-type"]) == ("bytes", "audio/wav")
    assert headers["content-disposition"] == (
        "attachment; filename=\"m_sic 0.wav\"; filename*=UTF-8''m%C3%BCsic%200.wav"
    )
    head = world.request("HEAD", address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))
    assert head.headers["etag"] == headers["etag"]


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=4000-", 4000, 4096), ("bytes=-6", 4090, 4096)],
)
def test_one_range_is_a_part(world: World, address: str, wanted: str, start: int, end: int) -> None:
    answer = world.request("GET", address, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/4096"
    assert answer.headers["content-length"] == str(end - start)


def test_ranges_put_together_are_the_file(world: World, address: str) -> None:
    chance, place, found = random.Random(1), 0, b""
    while place < len(CONTENT):
        end = place + chance.randint(1, 900)
        found += world.request("GET", address, headers={"range": f"bytes={place}-{end - 1}"}).content
        place = end
    assert found == CONTENT


@pytest.mark.parametrize("wanted", ["bytes=4096-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(world: World, address: str, wanted: str) -> None:
    answer = world.request("GET", address, headers={"range": wanted})
    assert problem(answer, 416, "range-not-satisfiable")
    assert answer.headers["content-range"] == "bytes */4096"


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,2-3",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000)),
        "bytes=5-2",
        "bytes=-",
        "bytes=x-y",
        "lines=1-2",
        "bytes=0-" + "9" * 60,
        "",
    ],
)
def test_what_is_not_one_range_gives_the_whole_file(world: World, address: str, wanted: str) -> None:
    answer = world.request("GET", address, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_file_that_the_client_has_is_304(world: World, address: str) -> None:
    etag = world.request("GET", address).headers["etag"]
    for known in (etag, f'W/{etag}, "other"', "*"):
        answer = world.request("GET", address, headers={"if-none-match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    assert world.request("GET", address, headers={"if-none-match": '"other"'}).status_code == 200


def test_if_range_gives_the_part_only_of_the_same_file(world: World, address: str) -> None:
    etag = world.request("GET", address).headers["etag"]

    def ask(condition: str) -> httpx.Response:
        return world.request("GET", address, headers={"range": "bytes=0-3", "if-range": condition})

    assert ask(etag).status_code == 206
    assert ask('"other"').status_code == ask("Sat, 21 Nov 2026 09:00:00 GMT").status_code == 200


@pytest.mark.parametrize("id_", ["art_x_0", "st_" + "0" * 26, "art_" + "7" * 26 + "_9", "..%2f..%2fsecret", "a" * 9000])
def test_an_artifact_that_does_not_exist_is_404(world: World, address: str, id_: str) -> None:
    assert problem(
        world.request("GET", f"/v1/artifacts/{id_}/content"), 404, "unknown-artifact" if "%" not in id_ else "not-found"
    )
    del address


def test_an_artifact_has_one_id_only(world: World, address: str) -> None:
    for other in (address.replace("_0/", "_00/"), address.replace("_0/", "_2/")):
        assert problem(world.request("GET", other), 404, "unknown-artifact")


def test_a_file_that_is_gone_from_the_store_is_404(world: World, address: str) -> None:
    anyio.run(world.store.delete, "jobs/")
    assert problem(world.request("GET", address), 404, "unknown-artifact")
