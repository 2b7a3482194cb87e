"""The whole service for tests: Redis, the API and a worker with the shipped bundle, and a receiver of webhooks."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr

from schemas.soundtrack import Soundtrack
from service.api.composition import opened_app
from service.net.egress import Egress
from service.net.policy import Policy
from service.redis_server import EmbeddedRedis
from service.settings import PREFIX, Settings
from tests.service.net.tls_server import Page, Site, answer, contexts, serving

WITHIN_S = 180.0  # machines may be busy; nothing waits for so long when all is well
LOOPBACK = Policy(ports=None, loopback=True)  # webhooks of these tests stay on this machine
HOOK = "/hook"


def until(said: Callable[[], object], what: str) -> None:
    """Return once something is so."""
    deadline = time.monotonic() + WITHIN_S
    while not said():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.05)


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without settings of the service, and then these."""
    return {n: v for n, v in os.environ.items() if not n.startswith((PREFIX, "REDIS_URL"))} | more


@dataclass
class House:
    """A running service: `client` speaks to it, `data` is its folder, `site` was sent its webhooks."""

    client: httpx.Client
    data: Path
    site: Site
    worker: "subprocess.Popen[bytes]"

    def ask(self, body: dict[str, Any], **headers: str) -> Soundtrack:
        """Ask for music in JSON."""
        return accepted(self.client.post("/v1/soundtracks", json=body, headers=headers))

    def send(self, files: dict[str, tuple[str, bytes]], **fields: str) -> Soundtrack:
        """Ask for music with a form."""
        return accepted(self.client.post("/v1/soundtracks", files=files, data=fields))

    def look(self, job: Soundtrack) -> Soundtrack:
        """A job as it is now."""
        answer = self.client.get(f"/v1/soundtracks/{job.id}")
        assert answer.status_code == 200, answer.text
        return Soundtrack.model_validate_json(answer.content)

    def end_of(self, job: Soundtrack) -> Soundtrack:
        """A job once it is over."""
        deadline = time.monotonic() + WITHIN_S
        while not job.is_over:
            assert time.monotonic() < deadline, job
            answer = self.client.get(f"/v1/soundtracks/{job.id}", params={"wait": 30})
            job = Soundtrack.model_validate_json(answer.content)
        return job

    def child(self) -> set[int]:
        """The worker's warm child, once there is one."""
        until(lambda: children(self.worker.pid), "a child of the worker")
        return children(self.worker.pid)

    def content(self, url: str) -> bytes:
        """A file that a job made."""
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.text
        return answer.content


def children(pid: int) -> set[int]:
    """The processes that a process has started and that live."""
    return {int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()}


def accepted(answer: httpx.Response) -> Soundtrack:
    """The job that an answer shows."""
    assert answer.status_code in {200, 202}, answer.text
    return Soundtrack.model_validate_json(answer.content)


class Api(threading.Thread):
    """The API and the receiver in a thread with a loop of their own."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="api", daemon=True)
        self._settings = settings
        self.url, self.site = "", Site()
        self._server: uvicorn.Server | None = None

    def run(self) -> None:
        """Serve until `stop`."""
        asyncio.run(self._serve())

    def stop(self) -> None:
        """End it."""
        if self._server is not None:
            self._server.should_exit = self._server.force_exit = True
        self.join(WITHIN_S)

    async def _serve(self) -> None:
        egress = Egress(LOOPBACK, tls=contexts()[1])
        pages: dict[str, Page] = {HOOK: answer(b"", status="204 No Content")}
        async with serving(pages) as self.site, opened_app(self._settings, egress) as app:
            self._server = server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
            running = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            await running


@contextmanager
def a_worker(settings: Settings, log: Path, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`tonereel worker` as a process of its own."""
    assert settings.redis_url is not None
    given = {
        "TONEREEL_REDIS_URL": settings.redis_url.get_secret_value(),
        "TONEREEL_DATA_DIR": str(settings.data_dir),
        "TONEREEL_LOG_FORMAT": "json",
    }
    command = [sys.executable, "-m", "service.commands.worker"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=clean_environment(**given, **more), stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()


@contextmanager
def a_house(folder: Path) -> Iterator[House]:
    """Everything, ready."""
    with EmbeddedRedis(folder / "redis") as redis:
        settings = Settings(data_dir=folder, redis_url=SecretStr(redis.url), auth=False)
        api = Api(settings)
        log = folder / "worker.log"
        with a_worker(settings, log) as worker:
            api.start()
            try:
                until(lambda: api.url or not api.is_alive(), "the start of the API")
                with httpx.Client(base_url=api.url, timeout=httpx.Timeout(20, read=90)) as client:
                    until(lambda: worker.poll() is not None or client.get("/readyz").status_code == 200, "being ready")
                    assert worker.poll() is None, log.read_text()
                    yield House(client, folder, api.site, worker)
            finally:
                api.stop()
