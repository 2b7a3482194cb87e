"""Asking for music, looking at it, cancelling and erasing it."""

import json
from typing import Any

import anyio
import httpx
import pytest

from schemas.soundtrack import Soundtrack, SoundtrackPage
from service.jobs.config import QueueConfig
from tests.service.api.world import CAPTION, MP4, PNG, WAV, World, build, problem

URL = "/v1/soundtracks"


def job_of(answer: httpx.Response) -> Soundtrack:
    return Soundtrack.model_validate_json(answer.content)


def test_a_request_is_accepted_with_its_place_and_when_to_look_again(world: World) -> None:
    answer = world.request("POST", URL, json=CAPTION)
    job = job_of(answer)
    assert (answer.status_code, job.status, job.queue_position) == (202, "queued", 0)
    assert answer.headers["location"] == f"{URL}/{job.id}"
    assert int(answer.headers["retry-after"]) >= 1
    assert job_of(world.request("GET", answer.headers["location"])).input == job.input


def test_a_form_with_nothing_but_a_video_is_enough(world: World) -> None:
    answer = world.request("POST", URL, files={"video": ("clip.mp4", MP4)})
    assert answer.status_code == 202, answer.text
    (source,) = job_of(answer).input.sources
    assert source.kind == "video"
    upload = world.request("GET", f"/v1/uploads/{source.upload}").json()
    assert (upload["name"], upload["media_type"], upload["n_bytes"]) == ("clip.mp4", "video/mp4", len(MP4))
    assert world.left_behind() == []


def test_a_form_may_say_everything_that_json_may(world: World) -> None:
    data = {
        "story": "A boat. A storm.",
        "style": "folk",
        "duration_s": "12.5",
        "seed": "7",
        "stems": "true",
        "midi": "1",
        "cuts": "1.5, 4",
        "chords": "| Am | F G |",
        "metadata": '{"film": "7"}',
        "format": "flac",
    }
    files = [("image", ("a.png", PNG)), ("image", ("b.png", PNG + b"b")), ("audio", ("r.wav", WAV))]
    job = job_of(world.request("POST", URL, data=data, files=files))
    assert [s.kind for s in job.input.sources] == ["story", "image", "image", "reference"]
    assert (job.input.style, job.input.duration_s, job.seed) == ("folk", 12.5, 7)
    assert (job.input.stems, job.input.midi, job.input.format) == (True, True, "flac")
    assert [cut.time_s for cut in job.input.cuts or ()] == [1.5, 4.0]
    assert job.input.chords == "| Am | F G |"
    assert job.metadata == {"film": "7"}


def test_the_part_request_names_files_and_gives_them_weights(world: World) -> None:
    request = {"sources": [{"kind": "image", "part": "image.1", "weight": 3}], "duration_s": 5}
    files = [("image", ("a.png", PNG)), ("image", ("b.png", PNG + b"b"))]
    job = job_of(world.request("POST", URL, data={"request": json.dumps(request)}, files=files))
    assert [s.weight for s in job.input.sources] == [3, 1]


def test_prefer_wait_answers_200_when_the_job_ends_in_time(world: World) -> None:
    async def work(client: httpx.AsyncClient) -> httpx.Response:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.make)
            return await client.post(URL, json=CAPTION, headers={"prefer": "respond-async, wait=20"})
        raise AssertionError

    answer = world.ask(work)
    job = job_of(answer)
    assert (answer.status_code, job.status) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=20"
    assert "retry-after" not in answer.headers
    assert job.outputs[0].content_url == f"/v1/artifacts/{job.outputs[0].artifact_id}/content"


def test_prefer_wait_answers_202_when_it_does_not(world: World) -> None:
    answer = world.request("POST", URL, json=CAPTION, headers={"prefer": "wait=0"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=0")


def test_the_same_idempotency_key_gives_the_same_job(world: World) -> None:
    first, again = (world.request("POST", URL, json=CAPTION, headers={"idempotency-key": '"k"'}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert job_of(first).id == job_of(again).id
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")


def test_a_replayed_form_leaves_no_second_upload(world: World) -> None:
    for _ in range(2):
        world.request("POST", URL, files={"video": ("c.mp4", MP4)}, headers={"idempotency-key": "k"})
    assert len(world.kept()) == 1


def test_an_idempotency_key_for_another_body_is_refused(world: World) -> None:
    world.request("POST", URL, json=CAPTION, headers={"idempotency-key": "k"})
    answer = world.request("POST", URL, json=CAPTION | {"seed": 1}, headers={"idempotency-key": "k"})
    assert problem(answer, 422, "key-reused")


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "\u00e9".encode("latin-1")])
def test_an_idempotency_key_that_is_none_is_refused(world: World, key: str | bytes) -> None:
    assert problem(world.request("POST", URL, json=CAPTION, headers=[("idempotency-key", key)]), 400, "bad-header")


def test_a_full_queue_is_429_and_says_when_to_try_again(tmp_path: Any) -> None:
    world = build(tmp_path, QueueConfig(max_outstanding=1))
    world.request("POST", URL, json=CAPTION)
    answer = world.request("POST", URL, files={"video": ("c.mp4", MP4)})
    assert problem(answer, 429, "queue-full").retryable
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["ratelimit-policy"] == '"outstanding";q=1000'
    assert answer.headers["ratelimit"].startswith('"outstanding";r=0;t=')
    assert not world.kept()


def test_a_job_that_has_not_changed_is_304(world: World) -> None:
    address = world.request("POST", URL, json=CAPTION).headers["location"]
    seen = world.request("GET", address)
    again = world.request("GET", address, headers={"if-none-match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    anyio.run(world.make)
    assert world.request("GET", address, headers={"if-none-match": seen.headers["etag"]}).status_code == 200


def test_get_waits_for_the_end(world: World) -> None:
    address = world.request("POST", URL, json=CAPTION).headers["location"]

    async def work(client: httpx.AsyncClient) -> httpx.Response:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.make)
            return await client.get(address, params={"wait": 20})
        raise AssertionError

    assert job_of(world.ask(work)).status == "succeeded"


@pytest.mark.parametrize("id_", ["st_nonsense", "st_" + "7" * 26, "st_" + "u" * 26, "..%2f..%2fetc", "x" * 5000])
def test_an_id_that_does_not_exist_is_404(world: World, id_: str) -> None:
    for path, method in (("", "GET"), ("/events", "GET"), ("/cancel", "POST"), ("", "DELETE")):
        answer = world.request(method, f"{URL}/{id_}{path}")
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_job_that_is_no_longer_kept_is_410(world: World) -> None:
    assert problem(world.request("GET", f"{URL}/st_01arz3ndektsv4rrffq69g5fav"), 410, "gone")


def test_jobs_are_listed_newest_first_and_page_by_page(world: World) -> None:
    made = [job_of(world.request("POST", URL, json=CAPTION | {"seed": n})).id for n in range(5)]
    world.request("POST", "/v1/cue-sheets", json=CAPTION, headers={"prefer": "wait=0"})
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = SoundtrackPage.model_validate_json(world.request("GET", URL, params={"limit": "2", **cursor}).content)
        found += [job.id for job in page.data]
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert found == made[::-1]
    assert world.request("GET", URL, params={"status": "failed"}).json()["data"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "status=lost", "cursor=%00", "cursor=abc"])
def test_a_list_query_that_does_not_fit_is_422(world: World, query: str) -> None:
    world.request("POST", URL, json=CAPTION)
    assert world.request("GET", f"{URL}?{query}").status_code == 422


def test_a_queued_job_is_cancelled_at_once_and_again_without_harm(world: World) -> None:
    address = world.request("POST", URL, json=CAPTION).headers["location"]
    first = world.request("POST", f"{address}/cancel")
    assert (first.status_code, job_of(first).status) == (202, "cancelled")
    assert world.request("POST", f"{address}/cancel").status_code == 200


def test_a_running_job_is_asked_to_stop(world: World) -> None:
    address = world.request("POST", URL, json=CAPTION).headers["location"]
    anyio.run(world.claim)
    answer = world.request("POST", f"{address}/cancel")
    assert (answer.status_code, job_of(answer).status) == (202, "running")
    assert job_of(answer).cancel_requested_at is not None


def test_a_finished_job_cannot_be_cancelled(world: World) -> None:
    address = world.request("POST", URL, json=CAPTION).headers["location"]
    anyio.run(world.make)
    assert problem(world.request("POST", f"{address}/cancel"), 409, "job-over")


def test_erasing_a_job_erases_its_files(world: World) -> None:
    job = job_of(world.request("POST", URL, json=CAPTION))
    assert problem(world.request("DELETE", f"{URL}/{job.id}"), 409, "job-live")
    anyio.run(world.make)
    assert world.request("DELETE", f"{URL}/{job.id}").status_code == 204
    assert problem(world.request("GET", f"{URL}/{job.id}"), 404, "unknown-job")
    assert not [p for p in (world.folder / "artifacts").rglob("*") if p.is_file()]


def test_addresses_are_checked_before_anything_is_accepted(world: World) -> None:
    def ask(url: str) -> httpx.Response:
        return world.request("POST", URL, json={"sources": [{"kind": "image", "url": url}], "duration_s": 3})

    assert problem(ask("https://169.254.169.254/latest"), 422, "forbidden-address")
    assert problem(ask("http://example.com/a.png"), 422, "invalid-request")
    (source,) = job_of(ask("https://example.com/a.png?signature=secret")).input.sources
    assert getattr(source, "url", None) == "https://example.com/a.png"


def test_an_upload_must_exist_and_be_of_the_kind_of_its_source(world: World) -> None:
    upload = world.request("POST", "/v1/uploads", content=PNG).json()["id"]

    def ask(kind: str, id_: str) -> httpx.Response:
        return world.request("POST", URL, json={"sources": [{"kind": kind, "upload": id_}], "duration_s": 3})

    assert ask("image", upload).status_code == 202
    assert problem(ask("video", upload), 422, "invalid-request").errors[0].pointer == "/sources/0/upload"
    assert problem(ask("image", "upl_" + "0" * 26), 422, "invalid-request").errors[0].pointer == "/sources/0/upload"


def test_a_webhook_must_exist(world: World) -> None:
    answer = world.request("POST", URL, json=CAPTION | {"webhook": "we_" + "0" * 26})
    assert problem(answer, 422, "invalid-request").errors[0].pointer == "/webhook"


def test_every_wrong_field_is_named(world: World) -> None:
    body = {"sources": [{"kind": "video", "upload": "x", "weight": -1}], "duration_s": 0, "colour": "red"}
    found = problem(world.request("POST", URL, json=body), 422, "invalid-request")
    pointers = {error.pointer for error in found.errors}
    assert pointers == {"/sources/0/upload", "/sources/0/weight", "/duration_s", "/colour"}


def test_a_cue_sheet_is_answered_and_taken_back(world: World) -> None:
    async def work(client: httpx.AsyncClient) -> httpx.Response:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.make)
            return await client.post("/v1/cue-sheets", json=CAPTION)
        raise AssertionError

    answer = world.ask(work)
    assert (answer.status_code, answer.json()["duration_s"]) == (200, 12)
    job = world.request("GET", answer.headers["content-location"]).json()
    assert (job["object"], job["status"]) == ("cue_sheet", "succeeded")
    assert world.request("POST", URL, json={"cue_sheet": answer.json()}).status_code == 202
    assert problem(world.request("GET", f"{URL}/{job['id']}"), 404, "unknown-job")


def test_a_cue_sheet_that_takes_longer_is_a_job(world: World) -> None:
    answer = world.request("POST", "/v1/cue-sheets", json=CAPTION, headers={"prefer": "wait=0"})
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/cue-sheets/{answer.json()['id']}")


def test_a_cue_sheet_that_fails_is_its_problem(world: World) -> None:
    from service.worker.problem import problem_of

    async def fail() -> None:
        from service.errors import BadMedia

        claim = await world.claim()
        await world.queue.fail(claim, problem_of(BadMedia("no picture; send one")), retry=False)

    async def work(client: httpx.AsyncClient) -> httpx.Response:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fail)
            return await client.post("/v1/cue-sheets", json=CAPTION)
        raise AssertionError

    assert problem(world.ask(work), 422, "bad-media")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"chords": "Am H7"}, "/chords"),
        ({"cue_sheet": {"duration_s": 9, "chords": "| Am F C |"}}, "/cue_sheet/chords"),
        ({"cue_sheet": {"duration_s": 9, "sections": [{"start_s": 0, "end_s": 9, "theme": {"name": ""}}]}},
         "/cue_sheet/sections/0/theme/name"),
    ],
)  # fmt: skip
def test_chords_and_themes_that_cannot_be_read_are_refused_where_they_stand(
    world: World, more: dict[str, Any], pointer: str
) -> None:
    answer = world.request("POST", URL, json={**CAPTION, **more})
    assert [error.pointer for error in problem(answer, 422, "invalid-request").errors] == [pointer]


def test_a_cue_sheet_with_chords_and_themes_comes_back_as_it_was_asked(world: World) -> None:
    hero = [{"name": "hero"}, {"name": "hero", "form": "transposed", "degrees": 2}]
    sections = [{"start_s": 9.0 * i, "end_s": 9.0 * (i + 1), "theme": theme} for i, theme in enumerate(hero)]
    sheet = {"duration_s": 18.0, "chords": "A: Am F\nB: C", "sections": sections}
    job = job_of(world.request("POST", URL, json={**CAPTION, "cue_sheet": sheet}))
    assert job.input.cue_sheet is not None
    assert job.input.cue_sheet.model_dump(mode="json", exclude_defaults=True) == sheet


MIDI = b"MThd\x00\x00\x00\x06" + bytes(60)


def test_a_melody_alone_is_enough_as_a_part_of_a_form(world: World) -> None:
    job = job_of(world.request("POST", URL, files={"melody": ("tune.mid", MIDI)}))
    assert job.input.melody is not None
    upload = world.request("GET", f"/v1/uploads/{job.input.melody.upload}").json()
    assert (job.input.sources, upload["kind"], upload["media_type"]) == ((), "midi", "audio/midi")
    assert world.left_behind() == []


def test_a_melody_may_be_an_upload_or_an_address_in_json(world: World) -> None:
    upload = world.request("POST", "/v1/uploads", content=WAV).json()["id"]
    for place in ({"upload": upload}, {"url": "https://example.com/tune.mid"}):
        job = job_of(world.request("POST", URL, json={**CAPTION, "melody": place}))
        assert job.input.melody is not None
        assert job.input.melody.model_dump(exclude_none=True) == place


@pytest.mark.parametrize(
    ("melody", "pointer"),
    [
        ({"upload": "upl_" + "0" * 26}, "/melody/upload"),
        ({"part": "melody"}, "/melody/part"),
        ({}, "/melody"),
    ],
)
def test_a_melody_that_is_not_there_is_refused_where_it_is_named(
    world: World, melody: dict[str, str], pointer: str
) -> None:
    answer = world.request("POST", URL, json={**CAPTION, "melody": melody})
    assert [error.pointer for error in problem(answer, 422, "invalid-request").errors] == [pointer]


def test_a_picture_is_no_melody(world: World) -> None:
    answer = world.request("POST", URL, data={"caption": "calm"}, files={"melody": ("a.png", PNG)})
    (error,) = problem(answer, 422, "invalid-request").errors
    assert (error.pointer, error.detail) == ("/melody", "is of the kind image; a melody needs another")
    assert world.left_behind() == []


REPAINT = {"kind": "repaint", "spans": [{"start_s": 4.0, "end_s": 7.5}]}


def test_a_sound_is_edited_as_a_part_of_a_form_or_as_an_upload(world: World) -> None:
    form = job_of(
        world.request("POST", URL, data={"edit": json.dumps(REPAINT), "seed": "3"}, files={"sound": ("a.wav", WAV)})
    )
    assert form.input.sound is not None
    body = {"sound": {"upload": form.input.sound.upload}, "edit": REPAINT, "seed": 3, **CAPTION}
    body.pop("duration_s", None)
    asked = job_of(world.request("POST", URL, json=body))
    assert form.input.edit == asked.input.edit
    assert (form.input.edit and form.input.edit.kind, asked.input.sound) == ("repaint", form.input.sound)
    assert world.left_behind() == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"edit": REPAINT}, ""),
        ({"edit": REPAINT, "sound": {"upload": "upl_" + "0" * 26}}, "/sound/upload"),
        (
            {"edit": {"kind": "repaint", "spans": []}, "sound": {"url": "https://example.com/a.wav"}},
            "/edit/spans",
        ),
        ({"edit": REPAINT, "sound": {"url": "https://example.com/a.wav"}, "takes": 2}, ""),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused_where_it_is_named(
    world: World, more: dict[str, Any], pointer: str
) -> None:
    answer = world.request("POST", URL, json=more)
    assert [error.pointer for error in problem(answer, 422, "invalid-request").errors] == [pointer]


def test_a_picture_is_no_sound_and_an_edit_has_no_cue_sheet(world: World) -> None:
    answer = world.request("POST", URL, data={"edit": json.dumps(REPAINT)}, files={"sound": ("a.png", PNG)})
    (error,) = problem(answer, 422, "invalid-request").errors
    assert (error.pointer, error.detail) == ("/sound", "is of the kind image; a sound needs another")
    answer = world.request(
        "POST", "/v1/cue-sheets", data={"edit": json.dumps(REPAINT)}, files={"sound": ("a.wav", WAV)}
    )
    assert [error.pointer for error in problem(answer, 422, "invalid-request").errors] == ["/edit"]
    assert world.left_behind() == []


def test_no_address_of_a_job_shows_its_secrets(world: World) -> None:
    place = {"url": "https://example.com/a.wav?signature=secret"}
    asked = ({**CAPTION, "melody": place}, {"sound": place, "edit": REPAINT})
    for body in asked:
        answer = world.request("POST", URL, json=body)
        assert answer.status_code == 202
        assert "secret" not in answer.text
