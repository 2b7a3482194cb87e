"""Following a job by server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
import uvicorn

from service.jobs.config import QueueConfig
from tests.service.api.world import CAPTION, World, build, problem

Event = dict[str, str]


@asynccontextmanager
async def served(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server, since streams show their nature only there."""
    server = uvicorn.Server(uvicorn.Config(world.app, port=0, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        await running


def parsed(text: str) -> list[Event]:
    """The events of a stream, pings and the rest left out."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [block for block in blocks if "event" in block]


def test_a_stream_tells_everything_and_closes(world: World) -> None:
    async def work(client: httpx.AsyncClient) -> httpx.Response:
        address = (await client.post("/v1/soundtracks", json=CAPTION)).headers["location"]
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.make)
            return await client.get(f"{address}/events")
        raise AssertionError

    answer = world.ask(work)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 2000\n\n")
    events = parsed(answer.text)
    assert [e["event"] for e in events] == ["status", "status", "done"]
    assert len({e["id"] for e in events}) == 3


def test_a_stream_goes_on_after_the_last_event_that_was_seen(world: World) -> None:
    address = world.request("POST", "/v1/soundtracks", json=CAPTION).headers["location"]
    anyio.run(world.make)
    events = parsed(world.request("GET", f"{address}/events").text)
    for number, event in enumerate(events):
        rest = world.request("GET", f"{address}/events", headers={"last-event-id": event["id"]})
        assert parsed(rest.text) == events[number + 1 :]


@pytest.mark.parametrize("id_", ["x", "-1", "1-2-3", "9" * 40])
def test_an_event_id_that_is_none_is_400(world: World, id_: str) -> None:
    address = world.request("POST", "/v1/soundtracks", json=CAPTION).headers["location"]
    assert problem(world.request("GET", f"{address}/events", headers={"last-event-id": id_}), 400, "bad-header")


def test_a_silent_stream_pings_and_a_client_that_goes_away_frees_everything(tmp_path: object) -> None:
    from pathlib import Path

    world = build(Path(str(tmp_path)), QueueConfig(idle_s=0.02))
    followers: list[str] = []
    inner = world.queue.events

    async def counted(job_id: str, *, after: str = "0"):  # type: ignore[no-untyped-def]
        followers.append("came")
        try:
            async for event in inner(job_id, after=after):
                yield event
        finally:
            followers.append("went")

    world.queue.events = counted  # type: ignore[method-assign]

    async def work() -> None:
        async with served(world) as client:
            address = (await client.post("/v1/soundtracks", json=CAPTION)).headers["location"]
            async with client.stream("GET", f"{address}/events") as answer:
                seen = ""
                async for text in answer.aiter_text():
                    seen += text
                    if seen.count(": ping\n\n") >= 2:
                        break
            with anyio.fail_after(10):
                while "went" not in followers:
                    await asyncio.sleep(0.005)
            assert seen.count(": ping\n\n") >= 2
            assert followers == ["came", "went"]

    asyncio.run(work())


def test_a_waiting_client_that_goes_away_frees_everything(world: World) -> None:
    async def work() -> None:
        async with served(world) as client:
            address = (await client.post("/v1/soundtracks", json=CAPTION)).headers["location"]
            with pytest.raises(httpx.ReadTimeout):
                await client.get(address, params={"wait": 60}, timeout=0.2)
            with anyio.fail_after(10):
                while any("_until_done" in repr(task) for task in asyncio.all_tasks()):
                    await asyncio.sleep(0.005)

    asyncio.run(work())
