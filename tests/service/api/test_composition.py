"""The real parts put together: Redis, the store's folder, one server."""

import asyncio
from pathlib import Path

import httpx
import uvicorn
from click.testing import CliRunner

from service.api.composition import api_app
from service.commands.api import api
from service.settings import Settings
from tests.service.api.world import CAPTION, MP4, problem


def test_the_real_parts_take_requests_and_are_let_go(tmp_path: Path) -> None:
    app = api_app(lambda: Settings(data_dir=tmp_path, auth=False))

    async def run() -> None:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="on"))
        running = asyncio.create_task(server.serve())
        while not server.started:
            assert not running.done()
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            await use(client)
        server.should_exit = True
        await running

    asyncio.run(run())
    assert app.state.late.app is None


async def use(client: httpx.AsyncClient) -> None:
    """A day in the life of a client, as far as it goes without a worker."""
    headers = {"idempotency-key": "k"}
    first = await client.post("/v1/soundtracks", files={"video": ("c.mp4", MP4)}, headers=headers)
    again = await client.post("/v1/soundtracks", files={"video": ("c.mp4", MP4)}, headers=headers)
    assert (first.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert first.json()["id"] == again.json()["id"]
    batch = await client.post("/v1/batches", json={"items": [{"request": CAPTION}] * 3}, headers=headers)
    assert (await client.get(batch.headers["location"])).json()["counts"]["queued"] == 3
    listed = (await client.get("/v1/soundtracks", params={"limit": 3})).json()
    assert (len(listed["data"]), listed["next_cursor"] is None) == (3, False)
    assert (await client.post(f"{first.headers['location']}/cancel")).json()["status"] == "cancelled"
    events = await client.get(f"{first.headers['location']}/events")
    assert "event: done" in events.text
    last = [line[4:] for line in events.text.splitlines() if line.startswith("id: ")][-1]
    address = f"{first.headers['location']}/events"
    assert "event:" not in (await client.get(address, headers={"last-event-id": last})).text
    assert (await client.delete(first.headers["location"])).status_code == 204
    assert (await client.post("/v1/webhook-endpoints", json={"url": "https://127.0.0.1/"})).status_code == 422
    assert problem(await client.get("/readyz"), 503, "not-ready")


def test_the_command_says_what_it_does() -> None:
    done = CliRunner().invoke(api, ["--help"])
    assert (done.exit_code, "embedded Redis" in done.output) == (0, True)
