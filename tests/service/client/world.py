"""A service on a real port: the real API and queue, a worker that makes files of bytes, and a network that can fail."""

import asyncio
import hashlib
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.cue_sheet import CueSheet
from schemas.problem import Problem
from schemas.soundtrack import Output
from service.access.errors import BadKey
from service.access.gate import Caller
from service.access.key import SCOPES
from service.access.key import Scope as KeyScope
from service.api.app import create_app
from service.api.parts import ApiParts
from service.jobs.memory import MemoryQueue
from service.jobs.port import Claim, JobResult
from service.records.memory import MemoryRecords
from service.settings import Settings
from service.store.objects import ObjectArtifacts
from service.worker.naming import artifact_id, attempt_prefix, content_url

API_KEY = "sk_test"
MUSIC = bytes(range(256)) * 4096  # 1 MiB
PATIENCE_S = 20.0


@dataclass
class Network:
    """What goes wrong on the way. Every rule holds for so many requests whose path contains a text."""

    refusals: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    cuts: list[tuple[str, int]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)

    def forget(self) -> None:
        """Nothing fails, and nothing was seen."""
        for everything in (self.refusals, self.cuts, self.seen, self.headers):
            everything.clear()

    def refuse(self, path: str, status: int, *, times: int = 1, headers: dict[str, str] | None = None) -> None:
        """Answer with a status that something in between made up."""
        self.refusals += [(path, status, headers or {})] * times

    def cut(self, path: str, after_bytes: int, *, times: int = 1) -> None:
        """Break the connection after so many bytes of the answer's body; what was asked for is done."""
        self.cuts += [(path, after_bytes)] * times

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application behind this network."""

        async def behind(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path = f"{scope['method']} {scope['path']}"
            self.seen[path] += 1
            self.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
            refusal = next((r for r in self.refusals if r[0] in path), None)
            if refusal is not None:
                self.refusals.remove(refusal)
                await _refuse(send, refusal[1], refusal[2])
                return
            cut = next((c for c in self.cuts if c[0] in path), None)
            if cut is not None:
                self.cuts.remove(cut)
                send = _cutting(send, cut[1])
            await app(scope, receive, send)

        return behind


async def _refuse(send: Send, status: int, headers: dict[str, str]) -> None:
    body = b"<html>Bad gateway</html>"
    pairs = [(k.encode(), v.encode()) for k, v in headers.items()] + [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _cutting(send: Send, after_bytes: int) -> Send:
    left = after_bytes

    async def cut(message: Message) -> None:
        nonlocal left
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        if len(body) > left or (len(body) == left and not message.get("more_body", False)):
            await send({"type": "http.response.body", "body": body[:left], "more_body": True})
            raise ConnectionError("cut on purpose")
        left -= len(body)
        await send(message)

    return cut


class Door:
    """Knows one key."""

    async def admit(self, authorization: str | None, client: str, scope: KeyScope) -> Caller:
        """The caller, if the key is right."""
        del client, scope
        if authorization != f"Bearer {API_KEY}":
            raise BadKey("the API key is unknown")
        return Caller("anna", "key", frozenset(SCOPES), 1000)


class Maker:
    """A worker. `metadata` of a request says how it goes: fail, or hold on until cancelled."""

    def __init__(self, queue: MemoryQueue, store: ObjectArtifacts, folder: Path) -> None:
        self._queue, self._store, self._folder = queue, store, folder

    async def work(self) -> None:
        """Make jobs until cancelled."""
        held: list[Claim] = []
        while True:
            for claim in await self._queue.claim("maker", most=4, wait_s=0.05):
                how = claim.job.request.metadata.get("how", "well")
                if how == "hold":
                    held.append(claim)
                elif how == "fail":
                    problem = Problem(title="Broken", status=500, detail="the engine broke", code="broken")
                    await self._queue.fail(claim, problem, retry=False)
                else:
                    await self._make(claim)
            wanted = (await self._queue.renew("maker", held)).cancelled
            for claim in [c for c in held if c.job.id in wanted]:
                held.remove(claim)
                await self._queue.cancelled(claim)

    async def _make(self, claim: Claim) -> None:
        for nth in range(1, 4):
            await self._queue.progress(claim, f"stage {nth}", nth / 4)
            await asyncio.sleep(0)
        if claim.job.kind == "cue_sheet":
            await self._queue.complete(claim, JobResult(cue_sheet=CueSheet.model_validate({"duration_s": 4.0})))
            return
        path = self._folder / claim.job.id
        path.write_bytes(MUSIC)
        name = f"music.{claim.job.request.format or 'wav'}"
        await self._store.put(f"{attempt_prefix(claim.job.id, claim.attempt)}{name}", path)
        id_ = artifact_id(claim.job.id, 0)
        sha256 = hashlib.sha256(MUSIC).hexdigest()
        output = Output(
            artifact_id=id_,
            take=1,
            kind="video" if name.endswith("mp4") else "audio",
            name=name,
            media_type="video/mp4" if name.endswith("mp4") else "audio/wav",
            n_bytes=len(MUSIC),
            sha256=sha256,
            content_url=content_url(id_),
        )
        await self._queue.complete(claim, JobResult(outputs=(output,)))


class World:
    """The service in a thread of its own, from `start` to `stop`."""

    def __init__(self, folder: Path) -> None:
        self.network = Network()
        self.url = ""
        self._folder = folder
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        """Return when it answers."""
        self._thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while not self.url:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise TimeoutError("the service did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it; streams that are open are cut."""
        if self._server is not None:
            self._server.force_exit = self._server.should_exit = True
        self._thread.join(PATIENCE_S)

    async def _serve(self) -> None:
        queue, store = MemoryQueue(), ObjectArtifacts.memory()
        settings = Settings.model_validate({"data_dir": self._folder})
        parts = ApiParts(settings, queue, store, MemoryRecords(), Door(), _allowed, tuple)
        app = self.network.around(create_app(parts))
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        maker = asyncio.create_task(Maker(queue, store, self._folder).work())
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}"
        await serving
        maker.cancel()
        with suppress(asyncio.CancelledError):
            await maker


async def _allowed(url: str) -> None:
    """Every address may be fetched; nothing is."""
