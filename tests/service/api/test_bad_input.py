"""Bodies that were made to do harm."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.api.errors import InvalidBody, MalformedBody
from service.api.json_text import MAX_DEPTH, parse_json
from tests.service.api.world import CAPTION, MP4, World, build, problem

URL = "/v1/soundtracks"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nul",
        '{"seed": NaN}',
        '{"seed": -Infinity}',
        '{"seed": 1, "seed": 2}',
        '{"a": {"b": 1, "b": 1}}',
        "[" * 100_000,
        "[" + "[]," * 300_000 + "[]]",
        '{"a":"' + '\\"' * 500_000,
        '"' * 1_000_001,
        '"\\',
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"seed": ' + "9" * 5_000 + "}",
        '"\x00"',
        '\\"' * 500_000,  # strings that never end: quadratic for a careless expression
        '"' + '\\"' * 500_000 + "\\",
        b"\xff\xfe",
        b'{"a": "\xed\xa0\x80"}',
    ],
)
def test_what_is_not_json_is_400(text: str | bytes) -> None:
    with pytest.raises(MalformedBody):
        parse_json(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (r'{"a": ["x", "y\u0000"]}', "/a/1"),
        (r'{"a/b": "\ud800"}', "/a~1b"),
        (r'{"\udc00": 1}', "/?"),
        (r'"\ud83d"', ""),
    ],
)
def test_text_that_cannot_be_stored_is_named(text: str, pointer: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        parse_json(text.encode())
    assert caught.value.fields[0].pointer == pointer


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x"]},
        {"brackets in text": '[[[{{{"\\"[' * 100},
        "\U0001f3b5 \u0645\u0631\u062d\u0628\u0627",
        [[[]] * 20] * 20,
    ],
)
def test_plain_json_is_what_it_was(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


def test_depth_is_counted_outside_strings_only() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(deepest.encode()) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"duration_s": 0},
        {"duration_s": -1},
        {"duration_s": 1e9},
        {"duration_s": "soon"},
        {"seed": 2**64},
        {"seed": -1},
        {"seed": 1.5},
        {"tempo_bpm": 10_000},
        {"tempo_bpm": 0},
        {"takes": 0},
        {"takes": 10**9},
        {"lufs": 0},
        {"sources": []},
        {"sources": [{"kind": "caption", "text": "x" * 40_000}]},
        {"sources": [{"kind": "smell"}]},
        {"sources": [{"kind": "video"}]},
        {"sources": [{"kind": "image", "part": "image"}]},
        {"sources": [{"kind": "video", "url": "file:///etc/passwd"}]},
        {"format": "mp4"},
        {"format": "exe"},
        {"metadata": {"k" * 41: "v"}},
        {"metadata": {str(n): "v" for n in range(17)}},
        {"cuts": [{"time_s": -1}]},
        {"cuts": "soon"},
    ],
)
def test_a_value_out_of_range_is_422_with_its_place(world: World, change: dict[str, Any]) -> None:
    found = problem(world.request("POST", URL, json=CAPTION | change), 422, "invalid-request")
    assert found.errors


@pytest.mark.parametrize("text", ["\u202eright to left", "\U0001f3b5" * 50, "\u0c1a\u0c32\u0c28", "a\u0301", " "])
def test_any_script_is_taken(world: World, text: str) -> None:
    answer = world.request("POST", URL, json=CAPTION | {"sources": [{"kind": "caption", "text": text}]})
    assert answer.status_code == 202
    assert answer.json()["input"]["sources"][0]["text"] == text


def test_a_body_of_json_over_the_limit_is_413(world: World) -> None:
    for headers in ({}, {"transfer-encoding": "chunked"}):
        assert problem(world.post_json(URL, b" " * 60_000, **headers), 413, "body-too-large")


def form(*parts: tuple[str, bytes]) -> dict[str, Any]:
    body = b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--b--\r\n"
    return {"content": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}


def disposition(name: str, filename: str | None = None) -> str:
    return f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")


STORY = (disposition("story"), b"A boat.")


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([STORY] * 1001, 400, "malformed-body"),
        ([STORY, STORY], 422, "invalid-request"),
        ([(disposition("request"), b" " * 60_000)], 413, "body-too-large"),
        ([(disposition("request"), b"[" * 40_000)], 400, "malformed-body"),
        ([(disposition("request"), b'{"seed": NaN}')], 400, "malformed-body"),
        ([(disposition("request"), b"[1]")], 422, "invalid-request"),
        ([(disposition("request"), b'{"sources": 3}')], 422, "invalid-request"),
        ([(disposition("request"), b'{"seed": 1}'), (disposition("seed"), b"1"), STORY], 422, "invalid-request"),
        ([(disposition("story"), b"a\x00b")], 422, "invalid-request"),
        ([(disposition("story"), b"\xff")], 422, "invalid-request"),
        ([(disposition("colour"), b"red")], 422, "invalid-request"),
        ([(disposition("colour", "red.png"), b"red")], 422, "invalid-request"),
        ([(disposition("video"), b"clip.mp4")], 422, "invalid-request"),
        ([(disposition("video", "a.mp4"), b"#EXTM3U")], 415, "unsupported-media-type"),
        ([(disposition("video", "a.mp4"), b"")], 422, "bad-media"),
        ([(disposition("image", "a.png"), MP4)], 422, "invalid-request"),
        ([(disposition("video", "a.mp4"), MP4), (disposition("video", "b.mp4"), MP4)], 422, "invalid-request"),
        ([(disposition("stems"), b"maybe"), STORY], 422, "invalid-request"),
        ([("X-Nothing: 1", b"x")], 422, "invalid-request"),
        ([], 422, "invalid-request"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_and_leaves_nothing(
    world: World, parts: list[tuple[str, bytes]], status: int, code: str
) -> None:
    answer = world.request("POST", URL, **form(*parts))
    assert problem(answer, status, code)
    assert (world.left_behind(), world.kept()) == ([], [])


@pytest.mark.parametrize(
    "body",
    [b"", b"no form", b"--b\r\nbroken header\r\n\r\n", b'--b\r\nContent-Disposition: form-data; name="story"\r\n\r\nA'],
)
def test_what_is_no_form_is_400(world: World, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert problem(world.request("POST", URL, content=body, headers=headers), 400, "malformed-body")
    assert world.left_behind() == []


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 500])
def test_a_form_without_a_boundary_that_can_be_used_is_400(world: World, kind: str) -> None:
    assert problem(world.request("POST", URL, content=b"x", headers={"content-type": kind}), 400, "malformed-body")


def test_a_file_of_a_form_over_the_limit_is_413(tmp_path: Path) -> None:
    world = build(tmp_path, max_upload_bytes=1_000)
    assert problem(world.request("POST", URL, **form((disposition("video", "a.mp4"), MP4 * 5))), 413, "body-too-large")
    assert world.left_behind() == []


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\x.mp4", "/abs/x.mp4", "a\x7fb.mp4", "." * 400])
def test_a_path_as_a_file_name_is_only_a_name(world: World, name: str) -> None:
    job = world.request("POST", URL, **form((disposition("video", name), MP4))).json()
    upload = world.request("GET", f"/v1/uploads/{job['input']['sources'][0]['upload']}").json()
    assert not set("/\\\x7f") & set(upload["name"])
    assert len(upload["name"]) <= 200
    outside = list(world.folder.parent.rglob("*passwd*"))
    assert outside == []
