"""Both clients against the real API, over a network that holds and one that does not."""

from pathlib import Path

import pytest

from schemas.edit import Extend
from schemas.soundtrack import BatchItem, Soundtrack, SoundtrackRequest
from schemas.source import CaptionSource
from service.client import ApiError, InvalidRequest, NotMade, TimedOut, Tonereel, Unreachable
from tests.service.client.conftest import QUICK
from tests.service.client.world import API_KEY, MUSIC, World

LONG_S = 20.0
EVENTS = ["queued", "running", "stage 1", "succeeded"]
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(100)


def made(client: Tonereel) -> Soundtrack:
    return client.wait(client.submit(caption="calm piano", duration_s=4), LONG_S)


def test_a_job_is_asked_for_waited_for_and_downloaded(client: Tonereel, tmp_path: Path) -> None:
    job = client.submit(caption="calm piano", duration_s=4, seed=7, metadata={"film": "one"})
    assert (job.status, job.seed, job.metadata) == ("queued", 7, {"film": "one"})

    done = client.wait(job, LONG_S)

    assert done.status == "succeeded"
    assert client.download(done.outputs[0], tmp_path / "mine.wav").read_bytes() == MUSIC
    assert client.download(done.outputs[0], tmp_path) == tmp_path / "music.wav"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.wav", "music.wav"]


def test_local_files_are_uploaded_once_and_named(client: Tonereel, world: World, tmp_path: Path) -> None:
    video = tmp_path / "Für Elise.mp4"
    video.write_bytes(MP4)

    job = client.submit(video=video, references=[video, "https://example.com/a.mp3"], format="mp4")

    first, second, third = job.input.sources
    assert (first.kind, second.kind, third.kind) == ("video", "reference", "reference")
    assert first.model_dump()["upload"] == second.model_dump()["upload"]
    assert world.network.seen["POST /v1/uploads"] == 1
    assert client.upload(video).name == video.name


def test_a_local_sound_is_sent_to_be_edited(client: Tonereel, tmp_path: Path) -> None:
    (tmp_path / "song.mp4").write_bytes(MP4)

    job = client.submit(sound=tmp_path / "song.mp4", edit=Extend(by_s=4.0), caption="calm")

    assert job.input.sound is not None
    assert (job.input.sound.upload or "").startswith("upl_")
    assert job.input.edit == Extend(by_s=4.0)


def test_a_request_can_be_given_whole(client: Tonereel) -> None:
    request = SoundtrackRequest(sources=(CaptionSource(text="calm"),), duration_s=4)
    assert client.submit(request).input == request
    with pytest.raises(InvalidRequest, match="not both"):
        client.submit(request, caption="calm")


@pytest.mark.parametrize("asked", [{}, {"video": "nothing-here.mp4"}, {"caption": "x", "duration_s": -1.0}])
def test_what_breaks_a_rule_is_not_sent(client: Tonereel, world: World, asked: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        client.submit(**asked)  # type: ignore[arg-type]
    assert not world.network.seen


def test_a_submission_whose_answer_is_lost_makes_one_job(client: Tonereel, world: World) -> None:
    before = {job.id for job in client.list()}
    world.network.cut("POST /v1/soundtracks", 0, times=2)

    job = client.submit(caption="calm", duration_s=4)

    assert world.network.seen["POST /v1/soundtracks"] == 3
    assert {j.id for j in client.list()} - before == {job.id}


def test_the_same_key_gives_the_same_job(client: Tonereel) -> None:
    key = f"key of {client.submit(caption='calm', duration_s=4).id}"
    first = client.submit(caption="calm", duration_s=4, idempotency_key=key)
    assert client.submit(caption="calm", duration_s=4, idempotency_key=key).id == first.id
    with pytest.raises(ApiError) as refused:
        client.submit(caption="other", duration_s=4, idempotency_key=key)
    assert (refused.value.status, refused.value.problem.code) == (422, "key-reused")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_tried_again(client: Tonereel, world: World, status: int) -> None:
    world.network.refuse("/v1/soundtracks", status, times=3, headers={"retry-after": "0"})
    assert client.submit(caption="calm", duration_s=4).id.startswith("st_")
    assert world.network.seen["POST /v1/soundtracks"] == 4


def test_what_does_not_pass_is_told_with_what_was_said(client: Tonereel, world: World) -> None:
    world.network.refuse("/v1/soundtracks", 502, times=4)
    with pytest.raises(ApiError, match="Bad gateway") as refused:
        client.get("st_" + "0" * 26)
    assert refused.value.status == 502


def test_an_uploads_connection_may_break(client: Tonereel, world: World, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(MP4)
    world.network.cut("/v1/uploads", 10)
    assert client.upload(tmp_path / "a.mp4").n_bytes == len(MP4)


def test_waiting_ends_when_the_time_is_up_and_may_go_on(client: Tonereel) -> None:
    job = client.submit(caption="calm", duration_s=4, metadata={"how": "hold"})
    with pytest.raises(TimedOut, match=job.id):
        client.wait(job, 0.1)
    assert client.cancel(job).cancel_requested_at is not None
    assert client.wait(job.id, LONG_S).status == "cancelled"
    assert client.cancel(job).status == "cancelled"


def test_a_job_that_failed_says_why(client: Tonereel) -> None:
    failed = client.wait(client.submit(caption="calm", duration_s=4, metadata={"how": "fail"}), LONG_S)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.detail == "the engine broke"


def test_a_job_is_followed_to_its_end(client: Tonereel) -> None:
    events = list(client.stream(client.submit(caption="calm", duration_s=4)))
    assert [e.stage or e.status for e in events] == EVENTS
    assert [e.name for e in events] == ["status", "status", "progress", "done"]


@pytest.mark.parametrize("after", [0, 1, 60, 100, 160, 240])
def test_a_stream_that_breaks_off_goes_on_with_the_next_event(client: Tonereel, world: World, after: int) -> None:
    job = made(client)
    world.network.cut("/events", after, times=2)

    events = list(client.stream(job))

    assert [e.stage or e.status for e in events] == EVENTS
    assert len({e.id for e in events}) == len(events)
    assert world.network.seen[f"GET /v1/soundtracks/{job.id}/events"] >= 2


def test_a_stream_that_always_breaks_off_is_given_up(client: Tonereel, world: World) -> None:
    job = made(client)
    world.network.cut("/events", 0, times=100)
    with pytest.raises(Unreachable, match="4 tries"):
        list(client.stream(job))


def test_a_stream_may_be_left_early(client: Tonereel) -> None:
    job = client.submit(caption="calm", duration_s=4, metadata={"how": "hold"})
    assert next(iter(client.stream(job))).status == "queued"
    client.cancel(job)


def test_a_download_goes_on_where_it_broke_off(client: Tonereel, world: World, tmp_path: Path) -> None:
    done = made(client)
    world.network.cut("/content", 300_000, times=2)

    client.download(done.outputs[0], tmp_path / "music.wav")

    assert (tmp_path / "music.wav").read_bytes() == MUSIC
    asked = [h["range"] for h in world.network.headers if "range" in h]
    assert len(asked) == 2
    assert all(not a.startswith("bytes=0-") for a in asked)


def test_a_download_goes_on_with_what_an_earlier_one_left(client: Tonereel, world: World, tmp_path: Path) -> None:
    done = made(client)
    (tmp_path / "music.wav.part").write_bytes(MUSIC[:1000])

    client.download(done.outputs[0], tmp_path / "music.wav")

    assert (tmp_path / "music.wav").read_bytes() == MUSIC
    assert [h["range"] for h in world.network.headers if "range" in h] == ["bytes=1000-"]


@pytest.mark.parametrize("left", [b"something else", MUSIC[:-1] + b"!", MUSIC + b"!"])
def test_what_an_earlier_download_left_may_be_wrong(client: Tonereel, tmp_path: Path, left: bytes) -> None:
    done = made(client)
    (tmp_path / "music.wav.part").write_bytes(left)
    client.download(done.outputs[0], tmp_path / "music.wav")
    assert (tmp_path / "music.wav").read_bytes() == MUSIC
    assert [p.name for p in tmp_path.iterdir()] == ["music.wav"]


def test_a_download_that_brings_nothing_is_given_up_and_kept(client: Tonereel, world: World, tmp_path: Path) -> None:
    done = made(client)
    (tmp_path / "music.wav.part").write_bytes(MUSIC[:1000])
    world.network.cut("/content", 0, times=100)
    with pytest.raises(Unreachable):
        client.download(done.outputs[0], tmp_path / "music.wav")
    assert (tmp_path / "music.wav.part").read_bytes() == MUSIC[:1000]


def test_jobs_are_listed_over_all_pages(client: Tonereel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.client.jobs.PAGE", 10)
    batch = client.batch([SoundtrackRequest(sources=(CaptionSource(text="x"),), duration_s=1)] * 25)
    client.wait(batch.jobs[-1], LONG_S)
    listed = [job.id for job in client.list("succeeded")]
    assert len(set(listed)) == len(listed) >= 25
    assert set(batch.jobs) <= {job.id for job in client.list()}


def test_a_batch_is_asked_for_once_and_counted(client: Tonereel, world: World) -> None:
    world.network.cut("POST /v1/batches", 0)
    request = SoundtrackRequest(sources=(CaptionSource(text="x"),), duration_s=1)
    batch = client.batch([BatchItem(custom_id="a", request=request), request])
    assert [client.wait(job, LONG_S).custom_id for job in batch.jobs] == ["a", None]
    assert client.get_batch(batch.id).counts["succeeded"] == 2


def test_a_cue_sheet_can_be_edited_and_sent_back(client: Tonereel) -> None:
    sheet = client.cue_sheet(caption="calm", duration_s=4)
    job = client.submit(cue_sheet=sheet.model_copy(update={"duration_s": 3.0}))
    assert job.input.cue_sheet is not None
    assert job.input.cue_sheet.duration_s == 3.0


def test_an_analysis_that_fails_says_why(client: Tonereel) -> None:
    with pytest.raises((ApiError, NotMade), match="the engine broke"):
        client.cue_sheet(caption="calm", duration_s=4, metadata={"how": "fail"})


def test_deleting_erases_also_when_its_answer_is_lost(client: Tonereel, world: World) -> None:
    job = made(client)
    world.network.cut("DELETE", 0)
    client.delete(job)
    with pytest.raises(ApiError) as refused:
        client.get(job)
    assert refused.value.status == 404
    with pytest.raises(ApiError):
        client.delete(job)


def test_a_live_job_cannot_be_deleted(client: Tonereel) -> None:
    job = client.submit(caption="calm", duration_s=4, metadata={"how": "hold"})
    with pytest.raises(ApiError) as refused:
        client.delete(job)
    assert refused.value.status == 409
    client.cancel(job)


def test_a_wrong_key_is_refused_and_the_right_one_may_come_from_the_environment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tonereel(world.url, api_key="sk_wrong", patience=QUICK) as client, pytest.raises(ApiError) as refused:
        client.get("st_" + "0" * 26)
    assert refused.value.status == 401
    monkeypatch.setenv("TONEREEL_API_KEY", API_KEY)
    monkeypatch.setenv("TONEREEL_URL", world.url)
    with Tonereel(patience=QUICK) as client:
        assert client.submit(caption="calm", duration_s=4).status == "queued"


def test_nobody_at_the_address_is_said_so() -> None:
    with Tonereel("http://127.0.0.1:9", patience=QUICK) as client, pytest.raises(Unreachable, match="4 tries"):
        client.get("st_" + "0" * 26)
    with pytest.raises(InvalidRequest, match="give one such as"):
        Tonereel("localhost:3000")
