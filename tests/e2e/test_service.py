"""One job of every kind through HTTP, on the real Redis, with a real worker and the shipped bundle."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from schemas.cue_sheet import CueSheet
from schemas.report import Report
from schemas.request import MusicRequest
from schemas.soundtrack import Batch, Output, Soundtrack
from schemas.source import CaptionSource, VideoSource
from service.composition import parts_from
from service.media.audio_file import write_audio
from service.media.reading import read_audio
from service.media.tags import Tags
from service.outputs import Outputs
from service.parts import Parts
from service.pipeline import run
from service.progress import Silent
from service.webhooks.signature import verify
from tests.e2e.house import HOOK, House, until
from tests.service.clips import Clip, tone, write_clip

RATE = 44100
CAPTION: dict[str, Any] = {
    "sources": [{"kind": "caption", "text": "calm piano in D minor"}],
    "duration_s": 3.0,
    "seed": 7,
}
LONG = {"sources": [{"kind": "caption", "text": "epic orchestra"}], "duration_s": 900.0, "takes": 4}
DURATIONS_S = {
    "video": 4.0,
    "image": 3.5,
    "story": 5.0,
    "caption": 3.0,
    "reference": 2.5,
    "cue sheet": 4.2,
    "mix": 4.0,
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with cuts at 1.5 and 2.75 s, and sound."""
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", Clip(sound=True))


@pytest.fixture(scope="module")
def parts() -> Parts:
    """The shipped bundle in this process."""
    return parts_from({})


@pytest.fixture(scope="module")
def made(house: House, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Soundtrack]:
    """One job of every kind; they are sent together and made in batches."""
    sound = tmp_path_factory.mktemp("sound") / "tone.wav"
    write_audio(sound, tone(2.0), Tags("tone", 0, "tests"))
    story = {"kind": "story", "text": "The sea is calm. Then the storm comes."}
    sheet = {"duration_s": 4.2, "style": "ambient", "key": "A minor", "cuts": [{"time_s": 2.0}]}
    video = ("clip.mp4", clip.read_bytes())
    weighed = {"sources": [{"kind": "video", "part": "video", "weight": 0.7}, story | {"weight": 0.3}]}
    picture = {"image": ("sea.jpg", Path("examples/picture.jpg").read_bytes())}
    jobs = {
        "video": house.send({"video": video}, seed="7", midi="true", picture="true"),
        "image": house.send(picture, duration_s="3.5", format="flac"),
        "story": house.ask({"sources": [story], "duration_s": 5, "format": "mp3", "stems": True}),
        "caption": house.ask(CAPTION),
        "reference": house.send({"audio": ("tone.wav", sound.read_bytes())}, duration_s="2.5", format="ogg"),
        "cue sheet": house.ask({"cue_sheet": sheet}),
        "mix": house.send({"video": video}, request=json.dumps(weighed), duck="true", format="mov"),
    }
    return {kind: house.end_of(job) for kind, job in jobs.items()}


def output(job: Soundtrack, kind: str) -> Output:
    """The one output of a kind."""
    (found,) = (o for o in job.outputs if o.kind == kind)
    return found


def length_in_samples(path: Path, kind: str) -> int:
    """The sound's length, for formats that add nothing to it."""
    with av.open(str(path)) as media:
        assert bool(media.streams.video) == (kind == "video")
    return int(read_audio(path, sample_rate=RATE).samples.shape[1])


@pytest.mark.parametrize("kind", list(DURATIONS_S))
def test_every_kind_of_source_becomes_music_of_exactly_its_length(
    house: House, made: dict[str, Soundtrack], kind: str, tmp_path: Path
) -> None:
    job = made[kind]
    assert job.status == "succeeded", job.error
    (report,) = job.reports
    assert (report.n_samples, report.sample_rate) == (round(DURATIONS_S[kind] * RATE), RATE)
    is_video = kind in {"video", "mix"}
    music = output(job, "video" if is_video else "audio")
    path = tmp_path / music.name
    path.write_bytes(house.content(music.content_url))
    padding = {".wav": 0, ".flac": 0}.get(path.suffix, 4096)  # lossy encoders fill their last block
    assert 0 <= length_in_samples(path, music.kind) - report.n_samples <= padding
    assert Report.model_validate_json(house.content(output(job, "report").content_url)) == report
    assert report.loudness_lufs == pytest.approx(-14.0, abs=1.0)


def test_a_job_tells_what_it_was_made_from(made: dict[str, Soundtrack]) -> None:
    assert [(s.kind, s.weight) for s in made["mix"].reports[0].sources] == [("video", 0.7), ("story", 0.3)]
    assert {o.kind for o in made["video"].outputs} == {"video", "midi", "picture", "cue_sheet", "report"}
    assert {o.kind for o in made["story"].outputs} >= {"audio", "stem"}
    assert [c.time_s for c in made["cue sheet"].reports[0].cuts] == [2.0]
    assert all(c.error_ms is not None and abs(c.error_ms) <= 41.7 for c in made["video"].reports[0].cuts)
    assert len(made["video"].reports[0].cuts) == 2


def test_every_file_comes_whole_and_in_ranges(house: House, made: dict[str, Soundtrack]) -> None:
    for one in made["video"].outputs:
        whole = house.client.get(one.content_url)
        assert (len(whole.content), hashlib.sha256(whole.content).hexdigest()) == (one.n_bytes, one.sha256)
        assert whole.headers["content-type"].partition(";")[0] == one.media_type
        middle = one.n_bytes // 2
        pieces = [
            house.client.get(one.content_url, headers={"range": wanted, "if-range": whole.headers["etag"]})
            for wanted in (f"bytes=0-{middle - 1}", f"bytes={middle}-")
        ]
        assert {p.status_code for p in pieces} == {206}
        assert b"".join(p.content for p in pieces) == whole.content


def test_the_same_seed_gives_the_same_bytes_through_http_and_in_this_process(
    made: dict[str, Soundtrack], clip: Path, parts: Parts, tmp_path: Path
) -> None:
    words = MusicRequest(sources=(CaptionSource(text="calm piano in D minor"),), duration_s=3.0, seed=7)
    pictures = MusicRequest(sources=(VideoSource(path=str(clip)),), seed=7)

    named = Outputs(tmp_path / "soundtrack.mp4", midi=tmp_path / "soundtrack.mid", called=clip.stem)
    run(words, Outputs(tmp_path / "soundtrack.wav", called="calm piano in D minor"), parts, Silent())
    run(pictures, named, parts, Silent())

    local = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    remote = {o.name: o.sha256 for kind in ("caption", "video") for o in made[kind].outputs}
    assert local == {name: remote[name] for name in ("soundtrack.wav", "soundtrack.mp4", "soundtrack.mid")}


def test_the_stages_of_a_job_are_told_as_they_come(house: House) -> None:
    job = house.ask(CAPTION | {"seed": 8})
    with house.client.stream("GET", f"/v1/soundtracks/{job.id}/events") as stream:
        told = list(events(stream))
    names = [name for name, _ in told]
    assert names[-1] == "done"
    assert json.loads(told[-1][1])["status"] == "succeeded"
    assert [json.loads(data)["status"] for name, data in told if name == "status"] == ["queued", "running"]
    fractions = [json.loads(data)["progress"] for name, data in told if name == "progress"]
    assert fractions == sorted(fractions)
    stages = [s.name for s in house.look(job).reports[0].stages]
    assert stages[:3] == ["look", "understand", "plan"]


def events(stream: httpx.Response) -> Iterator[tuple[str, str]]:
    name = ""
    for line in stream.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, value


def test_a_cue_sheet_can_be_edited_and_sent_back(house: House, clip: Path) -> None:
    answer = house.client.post("/v1/cue-sheets", files={"video": ("clip.mp4", clip.read_bytes())})
    assert answer.status_code == 200, answer.text
    sheet = CueSheet.model_validate_json(answer.content)
    assert [round(c.time_s, 2) for c in sheet.cuts] == [1.5, 2.75]

    edited = json.loads(answer.content) | {"cuts": [{"time_s": 1.0}, {"time_s": 3.25}], "style": "jazz"}
    job = house.end_of(house.ask({"cue_sheet": edited, "sources": CAPTION["sources"]}))

    (report,) = job.reports
    assert [c.time_s for c in report.cuts] == [1.0, 3.25]
    assert (report.plan.style, report.n_samples) == ("jazz", 4 * RATE)
    assert answer.headers["content-location"].startswith("/v1/cue-sheets/st_")


def test_a_client_that_prefers_to_wait_gets_the_finished_job(house: House) -> None:
    job = house.ask(CAPTION | {"seed": 9}, prefer="wait=60")
    assert job.status == "succeeded"


def test_the_same_idempotency_key_is_the_same_job(house: House) -> None:
    first = house.client.post("/v1/soundtracks", json=CAPTION, headers={"idempotency-key": "film-7"})
    again = house.client.post("/v1/soundtracks", json=CAPTION, headers={"idempotency-key": "film-7"})
    other = house.client.post("/v1/soundtracks", json=CAPTION | {"seed": 1}, headers={"idempotency-key": "film-7"})
    assert first.json()["id"] == again.json()["id"]
    assert (again.headers["idempotency-replayed"], other.status_code) == ("true", 422)


def test_a_running_job_is_cancelled_and_leaves_no_file(house: House) -> None:
    job = house.ask(LONG)
    until(lambda: house.look(job).status == "running", "the start of the job")
    asked = house.client.post(f"/v1/soundtracks/{job.id}/cancel")
    assert asked.status_code == 202, asked.text
    over = house.end_of(job)
    assert (over.status, over.outputs) == ("cancelled", ())
    assert not list((house.data / "artifacts").glob(f"jobs/{job.id}/*"))
    assert house.client.post(f"/v1/soundtracks/{job.id}/cancel").status_code == 200


def test_a_batch_is_made_but_for_its_bad_item(house: House) -> None:
    items = [
        {"custom_id": "a", "request": CAPTION | {"seed": 21}},
        {"custom_id": "b", "request": CAPTION | {"duration_s": -1}},
        {"custom_id": "c", "request": CAPTION | {"seed": 22}},
    ]
    answer = house.client.post("/v1/batches", json={"items": items})
    assert answer.status_code == 202, answer.text
    batch = Batch.model_validate_json(answer.content)
    assert (len(batch.jobs), [p.instance for p in batch.refused]) == (2, ["/items/1"])
    until(lambda: counts(house, batch)["succeeded"] == 2, "the end of the batch")
    jobs = [Soundtrack.model_validate_json(house.content(f"/v1/soundtracks/{id_}")) for id_ in batch.jobs]
    assert [(j.custom_id, j.batch, j.priority) for j in jobs] == [("a", batch.id, "batch"), ("c", batch.id, "batch")]


def counts(house: House, batch: Batch) -> dict[str, int]:
    found: dict[str, int] = house.client.get(f"/v1/batches/{batch.id}").json()["counts"]
    return found


def test_erasing_a_job_erases_its_files(house: House) -> None:
    job = house.ask(CAPTION | {"seed": 10}, prefer="wait=60")
    folder = house.data / "artifacts" / "jobs" / job.id
    assert folder.is_dir()
    assert house.client.delete(f"/v1/soundtracks/{job.id}").status_code == 204
    assert not folder.exists()
    assert house.client.get(f"/v1/soundtracks/{job.id}").status_code == 404
    assert house.client.get(job.outputs[0].content_url).status_code == 404


def test_an_endpoint_is_told_of_the_end_with_a_valid_signature(house: House) -> None:
    made = house.client.post(
        "/v1/webhook-endpoints", json={"url": house.site.url(HOOK, "127.0.0.1"), "every_job": False}
    )
    assert made.status_code == 201, made.text
    endpoint = made.json()

    job = house.end_of(house.ask(CAPTION | {"seed": 11, "webhook": endpoint["id"]}))
    until(lambda: house.site.asked, "the webhook")

    head, _, body = house.site.asked[0].partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    verify(endpoint["secret"], dict(pairs), body)
    told = json.loads(body)
    assert (told["type"], told["data"]["id"]) == ("soundtrack.succeeded", job.id)
    log = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    until(lambda: house.client.get(log).json()["data"][0]["state"] == "delivered", "the delivery's end")
    assert len(house.site.asked) == 1
    counted = 'tonereel_webhook_deliveries_total{outcome="delivered"} 1.0'
    until(lambda: counted in house.client.get("/metrics").text, "the delivery to be counted")
    assert house.client.delete(f"/v1/webhook-endpoints/{endpoint['id']}").status_code == 204


def test_metrics_follow_the_queue(house: House) -> None:
    job = house.ask(LONG)
    text = house.client.get("/metrics").text
    assert "tonereel_workers 1.0" in text
    assert "tonereel_outstanding_work_seconds 0.0" not in text
    house.client.post(f"/v1/soundtracks/{job.id}/cancel")
    house.end_of(job)
    assert "tonereel_outstanding_work_seconds 0.0" in house.client.get("/metrics").text


def test_nothing_of_what_came_in_is_left_but_uploads(house: House, made: dict[str, Soundtrack]) -> None:
    assert all(job.is_over for job in made.values())
    until(lambda: not list(house.data.glob("scratch/*/*")), "the tidying of scratch folders")
    assert not list(house.data.glob("incoming/*"))
    log = (house.data / "worker.log").read_text()
    assert "Traceback" not in log, log
