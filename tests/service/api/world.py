"""A service in one process for tests: the queue in memory, a real store, files and requests as clients send them."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx
from fastapi import FastAPI

from schemas.cue_sheet import CueSheet
from schemas.manifest import Manifest
from schemas.problem import Problem
from schemas.soundtrack import Output
from service.access.gate import Gate
from service.access.key import Scope
from service.access.keyring import Keyring
from service.access.limit import MemoryLimiter
from service.api.app import create_app
from service.api.parts import ApiParts
from service.jobs.config import QueueConfig
from service.jobs.memory import MemoryQueue
from service.jobs.port import Claim, JobResult
from service.net.errors import ForbiddenAddress
from service.records.memory import MemoryRecords
from service.records.port import Record
from service.settings import Settings
from service.store.local import LocalArtifacts
from service.worker.naming import artifact_id, attempt_prefix

T = TypeVar("T")
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(200)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(100)
CAPTION: dict[str, Any] = {"sources": [{"kind": "caption", "text": "calm piano"}], "duration_s": 12}
MANIFEST = Manifest(name="tonereel-test", version="1", licence="CC0-1.0", files={})


async def check_url(url: str) -> None:
    """Only example.com is on the internet of these tests."""
    if not url.startswith("https://example.com/"):
        raise ForbiddenAddress(f"{url} is not on the public internet; give another address")


@dataclass
class World:
    """Everything that a test may want to look at or to steer."""

    folder: Path
    settings: Settings
    queue: MemoryQueue
    records: MemoryRecords
    store: LocalArtifacts
    app: FastAPI
    keyring: Keyring = field(init=False)

    def __post_init__(self) -> None:
        self.keyring = Keyring(self.records)

    def ask(self, work: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        """Run work with a client of the application."""

        async def run() -> T:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await work(client)

        return anyio.run(run)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request."""
        return self.ask(lambda client: client.request(method, path, **more))

    def post_json(self, path: str, text: str | bytes, **headers: str) -> httpx.Response:
        """One request with a body of JSON as it is."""
        return self.request("POST", path, content=text, headers={"content-type": "application/json", **headers})

    def left_behind(self) -> list[Path]:
        """What uploads have left on the disk."""
        incoming = self.folder / "incoming"
        return sorted(incoming.iterdir()) if incoming.exists() else []

    def kept(self, kind: str = "upload") -> list[Record]:
        """What is recorded of a kind."""
        return list(anyio.run(lambda: self.records.list(kind, tenant=None)))

    async def key(self, tenant: str, *scopes: Scope) -> dict[str, str]:
        """The header of a new API key."""
        _, secret = await self.keyring.create("test", tenant, scopes or ("soundtracks:read", "soundtracks:write"))
        return {"authorization": f"Bearer {secret}"}

    async def claim(self) -> Claim:
        """What a worker does first."""
        (claim,) = await self.queue.claim("worker", most=1, wait_s=5.0)
        return claim

    async def make(self, *contents: bytes, claim: Claim | None = None) -> Claim:
        """What a worker does: make the next job's files."""
        claim = claim or await self.claim()
        outputs = []
        for index, content in enumerate(contents or (b"music",)):
            name = f"müsic {index}.wav"
            path = self.folder / "made"
            path.write_bytes(content)
            await self.store.put(attempt_prefix(claim.job.id, claim.attempt) + name, path)
            outputs.append(output_of(claim.job.id, index, name, content))
        sheet = CueSheet(duration_s=12) if claim.job.kind == "cue_sheet" else None
        await self.queue.complete(claim, JobResult(outputs=tuple(outputs) if sheet is None else (), cue_sheet=sheet))
        return claim


def output_of(job_id: str, index: int, name: str, content: bytes) -> Output:
    """The output that a file is."""
    id_ = artifact_id(job_id, index)
    return Output(
        artifact_id=id_,
        take=1,
        kind="audio",
        name=name,
        media_type="audio/wav",
        n_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_url="elsewhere",
    )


def build(folder: Path, config: QueueConfig | None = None, **settings: Any) -> World:
    """A service in a folder."""
    chosen = Settings(data_dir=folder, **({"auth": False} | settings))
    queue, records, store = MemoryQueue(config), MemoryRecords(), LocalArtifacts(folder / "artifacts")
    parts = ApiParts(
        settings=chosen,
        queue=queue,
        store=store,
        records=records,
        access=Gate(records, chosen, MemoryLimiter()),
        check_url=check_url,
        models=lambda: (MANIFEST,),
    )
    return World(folder, chosen, queue, records, store, create_app(parts))


def changed(world: World, **parts: Any) -> World:
    """The same service with other parts."""
    world.app = create_app(replace(world.app.state.parts, **parts))
    return world


def problem(answer: httpx.Response, status: int, code: str) -> Problem:
    """The problem that an answer is; it must be complete."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate(json.loads(answer.content))
    assert (found.status, found.code, found.type) == (status, code, f"urn:tonereel:problem:{code}")
    assert found.request_id == answer.headers["x-request-id"]
    assert found.title
    assert found.detail
    return found
