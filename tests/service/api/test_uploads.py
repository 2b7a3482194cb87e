"""Uploads: streamed, capped, looked at, and nothing left behind."""

import base64
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.soundtrack import Upload
from service.store.port import StoreUnavailable
from tests.service.api.world import MP4, PNG, WAV, World, build, changed, problem
from tests.service.clips import Clip, write_clip

URL = "/v1/uploads"
PIECE = bytes(64_000)


def digest(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


async def in_pieces(data: bytes, size: int = 10) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (MP4, "video", "video/mp4"),
        (PNG, "image", "image/png"),
        (WAV, "audio", "audio/wav"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(50), "video", "video/webm"),
        (b"fLaC" + bytes(50), "audio", "audio/flac"),
        (b"OggS" + bytes(50), "audio", "audio/ogg"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image", "image/jpeg"),
    ],
)
def test_a_raw_body_is_kept_and_known_by_its_first_bytes(world: World, data: bytes, kind: str, media_type: str) -> None:
    headers = {"content-disposition": 'attachment; filename="../../etc/clip"', "content-digest": digest(data)}
    answer = world.request("POST", URL, content=data, headers=headers)
    made = Upload.model_validate_json(answer.content)
    assert (answer.status_code, answer.headers["location"]) == (201, f"{URL}/{made.id}")
    assert (made.kind, made.media_type, made.n_bytes, made.name) == (kind, media_type, len(data), "clip")
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert (world.folder / "artifacts" / "uploads" / made.id / "data").read_bytes() == data
    assert world.left_behind() == []
    assert Upload.model_validate_json(world.request("GET", f"{URL}/{made.id}").content) == made


def test_a_body_in_pieces_and_a_form_are_kept_alike(world: World) -> None:
    raw = world.request("POST", URL, content=in_pieces(MP4))
    form = world.request("POST", URL, files={"file": ("..\\..\\clip.mp4", MP4)})
    assert (raw.status_code, form.status_code) == (201, 201)
    assert raw.json()["sha256"] == form.json()["sha256"]
    assert form.json()["name"] == "clip.mp4"


@pytest.mark.parametrize(("container", "codec"), [("flv", "libx264"), ("mpegts", "libx264"), ("ogg", "libvpx")])
def test_a_video_that_no_reader_takes_is_refused_at_the_door_with_what_to_do(
    world: World, tmp_path: Path, container: str, codec: str
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", Clip(duration_s=0.2, codec=codec), container=container)
    answer = world.request("POST", URL, content=clip.read_bytes())
    assert "convert it, for instance with: ffmpeg" in answer.json()["detail"]
    assert problem(answer, 415, "unsupported-media-type")
    assert world.left_behind() == []


def test_an_upload_is_erased(world: World) -> None:
    address = world.request("POST", URL, content=MP4).headers["location"]
    assert world.request("DELETE", address).status_code == 204
    assert problem(world.request("GET", address), 404, "unknown-record")
    assert problem(world.request("DELETE", address), 404, "unknown-record")
    assert not [p for p in (world.folder / "artifacts").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    "data",
    [b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd", b"ffconcat version 1.0\nfile x", b"<svg/>", b"<?xml?><MPD/>"],
)
def test_playlists_and_texts_are_not_taken_whatever_they_are_called(world: World, data: bytes) -> None:
    assert problem(
        world.request("POST", URL, files={"file": ("clip.mp4", data, "video/mp4")}), 415, "unsupported-media-type"
    )
    assert world.left_behind() == []


def test_an_empty_upload_is_refused(world: World) -> None:
    assert problem(world.request("POST", URL), 422, "bad-media")
    assert problem(world.request("POST", URL, files={"file": ("clip.mp4", b"")}), 422, "bad-media")


def test_content_that_is_not_what_its_digest_says_is_refused(world: World) -> None:
    answer = world.request("POST", URL, content=MP4, headers={"content-digest": digest(PNG)})
    assert problem(answer, 422, "digest-mismatch")
    for broken in ("sha-256=:AAAA:", "sha-256=:A:"):
        answer = world.request("POST", URL, content=MP4, headers={"content-digest": broken})
        assert problem(answer, 400, "bad-header")
    assert world.request("POST", URL, content=MP4, headers={"content-digest": "sha-512=:AAAA:"}).status_code == 201


class Endless:
    """A body that goes on for two gigabytes, and counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        yield MP4
        while self.taken < 2 << 30:
            self.taken += len(PIECE)
            yield PIECE


@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("declared", [False, True])
def test_an_upload_over_the_limit_is_cut_off_within_a_megabyte(tmp_path: Path, declared: bool, as_form: bool) -> None:
    limit = 5_000_000
    world, body = build(tmp_path, max_upload_bytes=limit, max_json_bytes=1_000), Endless()

    async def form() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="c.mp4"\r\n\r\n'
        async for piece in body.pieces():
            yield piece

    headers = {"content-length": str(2 << 30)} if declared else {}
    if as_form:
        headers["content-type"] = "multipart/form-data; boundary=b"
    tracemalloc.start()
    answer = world.request("POST", URL, content=form() if as_form else body.pieces(), headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem(answer, 413, "body-too-large")
    assert answer.headers["connection"] == "close"
    assert body.taken <= (0 if declared else limit) + 1_000_000
    assert peak < 16 << 20
    assert world.left_behind() == []


def test_a_body_that_stalls_is_cut_off(tmp_path: Path) -> None:
    import asyncio

    world = build(tmp_path, idle_upload_s=0.05)

    async def stalling() -> AsyncIterator[bytes]:
        yield MP4
        await asyncio.Event().wait()

    answer = world.request("POST", URL, content=stalling())
    assert problem(answer, 408, "body-too-slow")
    assert answer.headers["connection"] == "close"
    assert world.left_behind() == []


def test_a_body_that_trickles_is_cut_off(tmp_path: Path) -> None:
    import asyncio

    world = build(tmp_path, idle_upload_s=0.05)

    async def trickling() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x"
            await asyncio.sleep(0.005)

    assert problem(world.request("POST", URL, content=trickling()), 408, "body-too-slow")


def test_a_store_that_does_not_answer_is_503_and_nothing_is_left(world: World) -> None:
    class Dead(type(world.store)):  # type: ignore[misc]
        async def put(self, key: str, path: Path) -> None:
            raise StoreUnavailable("the store does not answer; try again")

    answer = changed(world, store=Dead(world.folder / "artifacts")).request("POST", URL, content=MP4)
    assert problem(answer, 503, "store-unavailable").retryable
    assert "retry-after" in answer.headers
    assert (world.left_behind(), world.kept()) == ([], [])


def test_a_client_that_goes_away_leaves_nothing(world: World) -> None:
    from starlette.types import Message

    messages: list[Message] = [
        {"type": "http.request", "body": MP4, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": URL,
        "raw_path": URL.encode(),
        "query_string": b"",
        "headers": [],
        "client": None,
        "server": ("test", 80),
        "scheme": "http",
    }

    async def run(_: httpx.AsyncClient) -> None:
        await world.app(scope, receive, send)

    world.ask(run)
    assert sent == []
    assert (world.left_behind(), world.kept()) == ([], [])
