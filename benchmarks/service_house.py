"""The service as it runs: Redis, API and workers in processes of their own, for as long as a measurement lasts."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import redis

from benchmarks.service_engine import STARTS
from benchmarks.service_process import Environment, Failed, Process, children, until
from benchmarks.service_wire import Wire
from service.jobs.keys import Keys
from service.redis_server import EmbeddedRedis
from service.serve.ground import free_port
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
ENGINE = "benchmarks.service_engine:BenchmarkEngine"
OVER = ("succeeded", "failed", "cancelled", "expired")


class House:
    """One service with the real default settings but for `changes`; made by `opened`."""

    def __init__(self, folder: Path, changes: Mapping[str, object]) -> None:
        self._folder, self._changes = folder, {name: str(value) for name, value in changes.items()}
        self._started = 0
        self.port = free_port("127.0.0.1", 0)
        self.redis = EmbeddedRedis(folder / "redis")
        self.workers: list[Process] = []
        self._starts = folder / "starts.txt"
        self._starts.touch()
        self._api: Process | None = None

    @property
    def environment(self) -> Environment:
        """What every process gets: our own settings, and nobody else's."""
        own = {"DATA_DIR": str(self._folder), "PORT": str(self.port), "HOST": "127.0.0.1", "REDIS_URL": self.redis.url}
        return {
            **clean_environment(self._folder / "compiled"),
            **{PREFIX + name.upper(): value for name, value in (own | self._changes).items()},
            STARTS: str(self._starts),
        }

    @property
    def settings(self) -> Settings:
        """The settings of every process."""
        return Settings.from_environment(self.environment)

    @property
    def api(self) -> Process:
        """The API's process."""
        if self._api is None:
            raise Failed("the API was not started")
        return self._api

    async def open(self) -> None:
        """Start Redis and the API; returns when it answers."""
        self.redis.start()
        self._api = Process.start("service.commands.api", (), self.environment, self._folder / "api.log")
        await until(self._answers, what="the API answers")

    def start_worker(self) -> Process:
        """Start one more worker, which is not ready yet."""
        self._started += 1
        log = self._folder / f"worker-{self._started}.log"
        worker = Process.start("service.commands.worker", ("--engine", ENGINE), self.environment, log)
        self.workers.append(worker)
        return worker

    async def staff(self, count: int = 1) -> list[Process]:
        """Start workers; returns when their children are warm."""
        started = [self.start_worker() for _ in range(count)]
        await until(lambda: all(is_ready(w) for w in started), what="the workers are warm")
        return started

    def worker_of(self, child: int) -> Process:
        """The supervisor of a child."""
        return next(w for w in self.workers if child in children(w.pid))

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.popen.terminate()
        for worker in self.workers:
            worker.end()
        self.workers.clear()

    def close(self) -> None:
        """End everything."""
        self.dismiss()
        if self._api is not None:
            self._api.end()
        self.redis.stop()

    def wire(self) -> Wire:
        """A client."""
        return Wire(self.port)

    async def submit(self, caption: str) -> str:
        """Ask for music; the job's id. Raises Failed when it is refused."""
        async with self.wire() as wire:
            answer = await wire.submit(caption)
        if answer.status != 202:
            raise Failed(f"a job was refused: {answer.status} {answer.body.decode()}")
        return str(answer.json()["id"])

    async def job(self, job_id: str) -> dict[str, Any]:
        """A job as clients see it."""
        async with self.wire() as wire:
            return (await wire.ask("GET", f"/v1/soundtracks/{job_id}")).json()

    async def ended(self, job_id: str, *, within_s: float = 180.0) -> dict[str, Any]:
        """A job once it is over."""
        seen: dict[str, Any] = {}

        async def over() -> bool:
            seen.update(await self.job(job_id))
            return seen["status"] in OVER

        await until(over, what=f"{job_id} ends", within_s=within_s, every_s=0.02)
        return seen

    async def begun(self, job_id: str, times: int = 1, *, within_s: float = 180.0) -> tuple[float, int]:
        """Moment and process of a job's n-th execution, once it has begun."""
        await until(
            lambda: len(self.starts_of(job_id)) >= times, what=f"{job_id} begins {times} times", within_s=within_s
        )
        return self.starts_of(job_id)[times - 1]

    def starts(self) -> list[tuple[float, str, int]]:
        """Moment, job and process of every execution that was begun."""
        lines = (line.split() for line in self._starts.read_text(encoding="utf-8").splitlines())
        return [(float(at), id_, int(pid)) for at, id_, pid in lines]

    def starts_of(self, job_id: str) -> list[tuple[float, int]]:
        """Moment and process of every execution of one job."""
        return [(at, pid) for at, id_, pid in self.starts() if id_ == job_id]

    def events(self, job_id: str) -> list[tuple[str, str]]:
        """Id and name of every event of a job, as Redis has them."""
        with redis.Redis.from_url(self.redis.url, decode_responses=True) as client:
            found: Any = client.xrange(Keys(self.settings.queue_name).of("job", job_id, "events"))
        return [(id_, fields["name"]) for id_, fields in found]

    def kept_files(self, job_id: str) -> list[str]:
        """What the store has of a job, by the folder of its try."""
        root = self._folder / "artifacts" / "jobs" / job_id
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    async def _answers(self) -> bool:
        if not self.api.lives:
            raise Failed(f"the API ended: {self.api.said()[-2000:]}")
        try:
            async with self.wire() as wire:
                return (await wire.ask("GET", "/livez")).status == 200
        except (OSError, EOFError):
            return False


@asynccontextmanager
async def opened(**changes: object) -> AsyncIterator[House]:
    """A service in a folder that is removed at the end; `changes` are settings by name."""
    with tempfile.TemporaryDirectory(prefix="tonereel-bench-") as name:
        house = House(Path(name), changes)
        try:
            await house.open()
            yield house
        finally:
            house.close()


def is_ready(worker: Process) -> bool:
    """Whether a worker has said that its child is warm; raises Failed when it has ended instead."""
    if not worker.lives:
        raise Failed(f"a worker ended: {worker.said()[-2000:]}")
    return "ready with" in worker.said()


def clean_environment(compiled: Path) -> Environment:
    """Our environment without anybody's settings of the service and of Python; modules are compiled to a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PYTHON", "REDIS_URL"))}
    own = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONUNBUFFERED": "1"}
    return {**kept, **own, "OMP_NUM_THREADS": "1"}
