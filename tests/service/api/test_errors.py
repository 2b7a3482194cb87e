"""Every error is a problem, whoever raises it."""

from pathlib import Path

import anyio
import pytest

from service.jobs.errors import QueueUnavailable
from service.jobs.memory import MemoryQueue
from tests.service.api.world import CAPTION, MP4, World, build, changed, problem

URL = "/v1/soundtracks"


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing", "/v1", "/v1/soundtracks/", "/../../etc/passwd", "/x.py"])
def test_an_unknown_path_is_404(world: World, path: str) -> None:
    assert problem(world.request("GET", path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", URL, "GET, POST"),
        ("GET", f"{URL}/st_x/cancel", "POST"),
        ("PATCH", f"{URL}/st_x", "GET, DELETE"),
        ("POST", "/v1/artifacts/a/content", "GET, HEAD"),
        ("OPTIONS", "/livez", "GET"),
    ],
)
def test_a_wrong_method_is_405_and_says_what_is_allowed(world: World, method: str, path: str, allowed: str) -> None:
    answer = world.request(method, path)
    assert problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_of_another_type_is_415(world: World, kind: str) -> None:
    assert problem(
        world.request("POST", URL, content=b"x", headers={"content-type": kind}), 415, "unsupported-media-type"
    )


def test_what_nobody_expected_is_500_without_anything_inside(world: World) -> None:
    class Broken(MemoryQueue):
        async def get(self, job_id: str):  # type: ignore[no-untyped-def]
            raise RuntimeError("the secret is hunter2")

    answer = changed(world, queue=Broken()).request("GET", f"{URL}/st_{'0' * 26}")
    found = problem(answer, 500, "unexpected")
    assert "hunter2" not in answer.text
    assert "request_id" in found.detail


def test_a_queue_that_does_not_answer_is_503(world: World) -> None:
    class Dead(MemoryQueue):
        async def submit(self, job, once=None):  # type: ignore[no-untyped-def]
            raise QueueUnavailable("Redis does not answer; try again")

        async def ping(self) -> None:
            raise QueueUnavailable("Redis does not answer; try again")

    dead = changed(world, queue=Dead())
    for answer in (
        dead.request("POST", URL, json=CAPTION),
        dead.request("POST", "/v1/batches", json={"items": [{"request": CAPTION}]}),
    ):
        assert problem(answer, 503, "queue-unavailable").retryable
        assert "retry-after" in answer.headers
    assert problem(dead.request("GET", "/readyz"), 503, "not-ready")
    assert dead.request("GET", "/livez").status_code == 200


def test_request_ids_are_kept_or_made(world: World) -> None:
    assert world.request("GET", "/livez", headers={"x-request-id": "a-b.c_9"}).headers["x-request-id"] == "a-b.c_9"
    for bad in ("x" * 65, "a b", "é".encode()):
        made = world.request("GET", "/livez", headers=[("x-request-id", bad)]).headers["x-request-id"]
        assert made.startswith("req_")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b=c", b"a\nb", b"a\x00b"])
def test_a_header_with_control_characters_is_refused(world: World, value: bytes) -> None:
    answer = world.request("GET", "/livez", headers=[(b"x-anything", value)])
    assert problem(answer, 400, "bad-header")
    assert "set-cookie" not in answer.headers


def test_without_a_key_a_locked_service_lets_nobody_in(tmp_path: Path) -> None:
    world = build(tmp_path, auth=True)
    for method, path in (("GET", URL), ("POST", URL), ("POST", "/v1/uploads"), ("GET", "/v1/models")):
        answer = world.request(method, path)
        assert problem(answer, 401, "missing-key")
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = world.request("GET", URL, headers={"authorization": "Bearer sk_" + "x" * 43})
    assert problem(answer, 401, "bad-key")
    assert world.request("GET", "/livez").status_code == 200


def test_a_key_for_reading_cannot_ask_for_music(tmp_path: Path) -> None:
    world = build(tmp_path, auth=True)
    headers = anyio.run(world.key, "mine", "soundtracks:read")
    assert world.request("GET", URL, headers=headers).status_code == 200
    assert problem(world.request("POST", URL, json=CAPTION, headers=headers), 403, "missing-scope")


def test_too_many_requests_are_429_and_say_when_to_try_again(tmp_path: Path) -> None:
    world = build(tmp_path, auth=True, requests_per_s=0.01, request_burst=1)
    headers = anyio.run(world.key, "mine")
    first = world.request("GET", URL, headers=headers)
    assert (first.status_code, first.headers["ratelimit"].startswith('"requests";r=0')) == (200, True)
    answer = world.request("GET", URL, headers=headers)
    assert problem(answer, 429, "too-many-requests")
    assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(answer.headers)


def test_what_belongs_to_others_does_not_exist(tmp_path: Path) -> None:
    world = build(tmp_path, auth=True)
    mine, theirs = anyio.run(world.key, "mine"), anyio.run(world.key, "theirs")
    upload = world.request("POST", "/v1/uploads", content=MP4, headers=theirs).json()["id"]
    batch = world.request("POST", "/v1/batches", json={"items": [{"request": CAPTION}]}, headers=theirs).json()
    job = batch["jobs"][0]
    anyio.run(world.make)
    artifact = world.request("GET", f"{URL}/{job}", headers=theirs).json()["outputs"][0]["content_url"]
    addresses = [
        ("GET", f"/v1/uploads/{upload}"),
        ("DELETE", f"/v1/uploads/{upload}"),
        ("GET", f"/v1/batches/{batch['id']}"),
        ("GET", f"{URL}/{job}"),
        ("GET", f"{URL}/{job}/events"),
        ("POST", f"{URL}/{job}/cancel"),
        ("DELETE", f"{URL}/{job}"),
        ("GET", artifact),
        ("HEAD", artifact),
    ]
    for method, address in addresses:
        assert world.request(method, address, headers=mine).status_code == 404
    request = {"sources": [{"kind": "video", "upload": upload}]}
    assert world.request("POST", URL, json=request, headers=mine).status_code == 422
    assert world.request("GET", URL, headers=mine).json()["data"] == []
    assert world.request("GET", artifact, headers=theirs).status_code == 200
