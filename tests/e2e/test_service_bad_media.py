"""Media that were made to do harm, sent through HTTP to a real worker: each ends in a typed problem or in music."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from schemas.soundtrack import Soundtrack
from tests.e2e.house import House, children
from tests.service.bad_media import (
    png_claiming,
    png_with_text_bomb,
    write_huge_picture,
    write_many_frames,
    write_mutants,
    write_no_frames,
    write_sound_only,
)
from tests.service.clips import tone

PIECE = {"duration_s": "2"}


def code_of(job: Soundtrack) -> str | None:
    return None if job.error is None else job.error.code


@pytest.mark.parametrize(
    ("name", "write", "code"),
    [
        ("huge.avi", write_huge_picture, "media-too-large"),
        ("sound.mp4", write_sound_only, "unreadable-media"),
        ("none.mkv", write_no_frames, "unreadable-media"),
        ("day.mp4", lambda path: write_many_frames(path, 86_400, 1), "media-too-large"),
    ],
)
def test_an_odd_video_is_a_problem_at_the_first_try(
    house: House, tmp_path: Path, name: str, write: Callable[[Path], Path], code: str
) -> None:
    data = write(tmp_path / name).read_bytes()
    job = house.end_of(house.send({"video": (name, data)}))
    assert (job.status, job.attempt, code_of(job)) == ("failed", 1, code)
    assert job.error is not None
    assert (job.error.status in {413, 422}, job.error.retryable) == (True, False)
    assert str(house.data) not in job.error.detail


def test_damaged_videos_end_and_the_worker_goes_on(house: House, tmp_path: Path) -> None:
    mutants = list(write_mutants(tmp_path, 2, seed=5))
    child = house.child()
    jobs = [house.send({"video": (path.name, path.read_bytes())}, format="wav") for path in mutants]
    ends = [house.end_of(job) for job in jobs]
    assert {(job.status, code_of(job)) for job in ends} <= {
        ("succeeded", None),
        ("failed", "unreadable-media"),
        ("failed", "media-too-large"),
    }
    assert {job.attempt for job in ends} == {1}
    assert house.child() == child  # the models are still the same warm ones


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clip.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/hostname\n"),
        ("clip.mp4", b"ffconcat version 1.0\nfile /etc/hostname\n"),
        ("clip.mp4", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>'),
        ("clip.mp4", b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/hostname</BaseURL></MPD>'),
        ("clip.mp4", b"PK\x03\x04" + bytes(300)),
    ],
    ids=["m3u8", "concat", "svg", "dash", "zip"],
)
def test_what_is_no_video_is_415_whatever_its_name_says(house: House, name: str, text: bytes) -> None:
    answer = house.client.post("/v1/soundtracks", files={"video": (name, text)})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_a_playlist_behind_the_first_bytes_of_a_sound_opens_nothing(house: House, tmp_path: Path) -> None:
    inside = house.data / "artifacts"  # a path that a request must never reach
    playlist = f"ID3\x03\0\0\0\0\0\0#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{inside}/x.wav\n"
    job = house.end_of(house.send({"audio": ("x.mp3", playlist.encode())}, **PIECE))
    assert (job.status, code_of(job)) == ("failed", "bad-media")
    assert job.error is not None
    assert str(house.data) not in job.error.detail


@pytest.mark.parametrize("kind", ["bmp", "gif", "tiff"])
def test_an_image_of_a_kind_that_is_not_read_is_415(house: House, kind: str) -> None:
    picture = encoded(Image.new("RGB", (8, 8)), kind)
    answer = house.client.post("/v1/soundtracks", files={"image": ("picture.png", picture)})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png_claiming(60_000, 60_000), "media-too-large"),
        (png_with_text_bomb(), "unreadable-media"),
        (encoded(Image.new("CMYK", (64, 64)), "jpeg"), None),
        (encoded(Image.new("I;16", (64, 64), 30_000), "png"), None),
    ],
    ids=["60k x 60k", "text bomb", "CMYK", "16 bits"],
)
def test_an_odd_image_is_a_problem_or_music(house: House, data: bytes, code: str | None) -> None:
    job = house.end_of(house.send({"image": ("odd.png", data)}, **PIECE))
    assert (job.status, code_of(job)) == ("failed" if code else "succeeded", code)


def test_a_sound_of_numbers_that_are_none_is_a_problem(house: House, tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    wave = tone(0.5).samples.T.copy()
    wave[100] = float("nan")
    data = wave.astype("<f4").tobytes()
    rate, frame = (44100).to_bytes(4, "little"), 8
    form = b"fmt \x10\0\0\0\x03\0\x02\0" + rate + (44100 * frame).to_bytes(4, "little") + b"\x08\0\x20\0"
    body = b"WAVE" + form + b"data" + len(data).to_bytes(4, "little") + data
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
    job = house.end_of(house.send({"audio": ("nan.wav", path.read_bytes())}, **PIECE))
    assert (job.status, code_of(job)) == ("failed", "bad-media")


def test_a_job_after_all_of_these_is_made_by_the_same_child(house: House) -> None:
    assert len(children(house.worker.pid)) == 1
    body = {"sources": [{"kind": "caption", "text": "calm piano"}], "duration_s": 2}
    assert house.end_of(house.ask(body)).status == "succeeded"
