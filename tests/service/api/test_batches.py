"""Many requests at once."""

import json
from pathlib import Path
from typing import Any

import anyio
import httpx

from schemas.soundtrack import Batch
from service.jobs.config import QueueConfig
from tests.service.api.world import CAPTION, World, build, problem

URL = "/v1/batches"
NDJSON = {"content-type": "application/x-ndjson"}


def items(n: int) -> list[dict[str, Any]]:
    return [{"custom_id": f"item-{i}", "request": CAPTION | {"seed": i}} for i in range(n)]


def lines(values: list[dict[str, Any]]) -> str:
    return "\n".join(map(json.dumps, values))


def batch_of(answer: httpx.Response) -> Batch:
    assert answer.status_code in {200, 202}, answer.text
    return Batch.model_validate_json(answer.content)


def test_a_thousand_items_are_accepted_as_batch_jobs(world: World) -> None:
    answer = world.request("POST", URL, content=lines(items(1000)), headers=NDJSON)
    batch = batch_of(answer)
    assert (len(batch.jobs), batch.counts["queued"], batch.refused) == (1000, 1000, ())
    assert answer.headers["location"] == f"{URL}/{batch.id}"
    job = world.request("GET", f"/v1/soundtracks/{batch.jobs[7]}").json()
    assert (job["priority"], job["batch"], job["custom_id"], job["seed"]) == ("batch", batch.id, "item-7", 7)


def test_a_batch_counts_its_jobs(world: World) -> None:
    batch = batch_of(world.request("POST", URL, json={"items": items(4)}))
    anyio.run(world.make)
    world.request("POST", f"/v1/soundtracks/{batch.jobs[3]}/cancel")
    world.request("DELETE", f"/v1/soundtracks/{batch.jobs[3]}")
    counts = batch_of(world.request("GET", f"{URL}/{batch.id}")).counts
    assert {status: n for status, n in counts.items() if n} == {"succeeded": 1, "queued": 2, "expired": 1}


def test_bad_lines_are_told_by_number_and_do_not_stop_the_rest(world: World) -> None:
    texts = [json.dumps(i) for i in items(5)]
    texts[1] = "{broken"
    texts[2] = json.dumps({"request": {"sources": []}})
    texts[3] = json.dumps({"request": CAPTION | {"sources": [{"kind": "image", "url": "https://10.0.0.1/a"}]}})
    texts.insert(1, "")
    batch = batch_of(world.request("POST", URL, content="\n".join(texts) + "\n", headers=NDJSON))
    assert len(batch.jobs) == 2
    assert [(p.code, p.detail.split(":")[0], p.instance) for p in batch.refused] == [
        ("malformed-body", "line 3", "/items/2"),
        ("invalid-request", "line 4", "/items/3"),
        ("forbidden-address", "line 5", "/items/4"),
    ]
    assert batch_of(world.request("GET", f"{URL}/{batch.id}")).refused == batch.refused


def test_items_that_the_queue_refuses_are_told(tmp_path: Path) -> None:
    world = build(tmp_path, QueueConfig(max_outstanding=2))
    batch = batch_of(world.request("POST", URL, json={"items": items(3)}))
    assert [p.code for p in batch.refused] == ["queue-full"]


def test_a_batch_of_which_nothing_is_accepted_is_a_problem(world: World) -> None:
    assert problem(world.request("POST", URL, json={"items": [{"request": {}}]}), 422, "invalid-request")
    assert not world.kept("batch")


def test_a_batch_has_one_to_a_thousand_items(world: World) -> None:
    small = [{"request": 0}] * 1001
    for text in ("", lines(small)):
        assert problem(world.request("POST", URL, content=text, headers=NDJSON), 422, "invalid-request")
    bodies: list[Any] = [{"items": []}, {"items": 3}, [], {"items": small}, {"items": items(1), "colour": 1}]
    for body in bodies:
        assert problem(world.request("POST", URL, json=body), 422, "invalid-request")
    assert problem(world.request("POST", URL, content=b"x"), 415, "unsupported-media-type")


def test_a_line_over_the_limit_is_413(world: World) -> None:
    text = lines(items(1)) + "\n" + json.dumps({"request": "x" * 60_000})
    assert problem(world.request("POST", URL, content=text, headers=NDJSON), 413, "body-too-large")


def test_the_same_key_gives_the_same_batch(world: World) -> None:
    headers = {"idempotency-key": "k"}
    first, again = (world.request("POST", URL, json={"items": items(3)}, headers=headers) for _ in range(2))
    assert (batch_of(first).jobs, again.headers["idempotency-replayed"]) == (batch_of(again).jobs, "true")
    assert problem(world.request("POST", URL, json={"items": items(2)}, headers=headers), 422, "key-reused")


def test_a_batch_that_is_still_being_accepted_is_409(world: World) -> None:
    async def taken_before() -> None:
        from hashlib import sha256

        await world.records.take("batch_key", sha256(b"local\0k").hexdigest(), ttl_s=9)

    anyio.run(taken_before)
    answer = world.request("POST", URL, json={"items": items(1)}, headers={"idempotency-key": "k"})
    assert problem(answer, 409, "key-in-flight")


def test_a_batch_that_does_not_exist_is_404(world: World) -> None:
    for id_ in ("x", "bat_" + "0" * 26):
        assert problem(world.request("GET", f"{URL}/{id_}"), 404, "unknown-record")
