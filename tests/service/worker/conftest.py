"""A worker in this process, with real children, on a real Redis and a real folder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis.asyncio as redis

from schemas.options import MusicOptions
from schemas.soundtrack import TERMINAL, JobStatus, SoundtrackRequest
from schemas.source import CaptionSource
from service.ids import new_id
from service.jobs.bull import BullQueue
from service.jobs.config import QueueConfig
from service.jobs.port import JobQueue, JobRecord, NewJob
from service.observe.metrics import Metrics
from service.records.memory import MemoryRecords
from service.redis_server import EmbeddedRedis
from service.settings import Settings
from service.store.local import LocalArtifacts
from service.worker.closing import Closing
from service.worker.shop import Ports
from service.worker.supervisor import Supervisor
from tests.service.worker.engines import runs_file

WITHIN_S = 120.0  # machines may be busy; nothing waits for so long when all is well


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def house(redis_url: str, tmp_path: Path) -> "House":
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "queue_name": tmp_path.name,
            "lock_s": 5.0,
            "stalled_check_s": 0.2,
            "backoff_s": 0.05,
            "cancel_grace_s": 0.5,
            "drain_s": 20.0,
            "job_timeout_s": 60.0,
        }
    )
    return House(redis_url, settings)


async def no_internet(url: str, to: Path, *, max_bytes: int) -> None:
    raise AssertionError(f"nothing is fetched here, not even {url}")


@dataclass
class Worker:
    """A supervisor at work; `labels` are what it said when it was ready."""

    supervisor: Supervisor
    closing: Closing
    work: "asyncio.Task[None]"
    labels: list[str]

    async def stop(self) -> None:
        self.closing.begin()
        await asyncio.wait_for(self.work, WITHIN_S)


@dataclass
class House:
    """Redis, a store and settings, from which workers are started."""

    redis_url: str
    settings: Settings

    @property
    def store(self) -> LocalArtifacts:
        return LocalArtifacts(self.settings.data_dir / "artifacts")

    @property
    def scratch(self) -> Path:
        return self.settings.data_dir / "scratch"

    def change(self, **fields: object) -> None:
        self.settings = self.settings.model_copy(update=fields)

    def connect(self) -> BullQueue:
        return BullQueue.connect(self.redis_url, QueueConfig.of(self.settings))

    def ports(self, queue: BullQueue) -> Ports:
        return Ports(queue, queue, self.store, MemoryRecords(), no_internet, Metrics())

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[BullQueue]:
        queue = self.connect()
        try:
            yield queue
        finally:
            await queue.close()

    @asynccontextmanager
    async def worker(self, engine: str = "QuickEngine", *, ports: Ports | None = None) -> AsyncIterator[Worker]:
        """A worker whose child is warm; it is stopped at the end."""
        dotted = engine if ":" in engine else f"tests.service.worker.engines:{engine}"
        async with self.queue() as queue:
            labels: list[str] = []
            closing = Closing()
            supervisor = Supervisor(ports or self.ports(queue), self.settings, dotted)
            work = asyncio.create_task(supervisor.run(closing, labels.append))
            worker = Worker(supervisor, closing, work, labels)
            try:
                await until(lambda: bool(labels) or work.done())
                yield worker
            finally:
                closing.begin()
                await asyncio.wait_for(work, WITHIN_S)

    def runs(self) -> list[tuple[str, int]]:
        """Which jobs were run, in order, and together with how many."""
        path = runs_file(self.settings.data_dir)
        lines = path.read_text().splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]


async def submit(queue: JobQueue, caption: str, **options: object) -> str:
    job_id = new_id("st")
    fields = MusicOptions.model_validate({"duration_s": 4.0, **options}).model_dump(exclude_unset=True)
    request = SoundtrackRequest(sources=(CaptionSource(text=caption),), **fields)
    await queue.submit(NewJob(job_id, "tenant", "soundtrack", request))
    return job_id


async def reach(queue: JobQueue, job_id: str, *statuses: JobStatus) -> JobRecord:
    """The job once it has one of the statuses, by default once it is over."""
    record = await queue.get(job_id)

    async def look() -> bool:
        nonlocal record
        record = await queue.get(job_id)
        return record.status in (statuses or TERMINAL)

    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while not await look():
        assert asyncio.get_running_loop().time() < deadline, f"{job_id} is still {record.status}: {record}"
        await asyncio.sleep(0.02)
    return record


async def until(said: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while not said():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def steal(house: House, job_id: str) -> None:
    """Give the job's lease to a worker that is none of ours."""
    async with redis.from_url(house.redis_url) as client:
        await client.set(f"{{{house.settings.queue_name}}}:gen-score:{job_id}:lock", "another worker's token")
