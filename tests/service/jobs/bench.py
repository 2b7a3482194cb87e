"""What tests of the queue need: jobs, fast settings, two handles on one queue, ways to break things."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from schemas.problem import Problem
from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource
from service.ids import new_id
from service.jobs.bull import BullQueue
from service.jobs.config import QueueConfig
from service.jobs.memory import MemoryQueue
from service.jobs.port import Claim, JobEvent, JobResult, NewJob

QUICK = QueueConfig(stalled_check_s=0.001, backoff_s=0.0, idle_s=0.05, progress_s=0.0, poll_s=0.2)
DONE = JobResult(warnings=("made",))
BROKEN = Problem(title="It broke", status=500, detail="it broke", code="broke")
DEADLINE_S = 10.0

Queue = MemoryQueue | BullQueue


def a_job(tenant: str = "ann", *, bucket: str = "score", cost_s: float = 1.0, **asked: Any) -> NewJob:
    request = SoundtrackRequest(sources=(CaptionSource(text="calm piano"),), **asked)
    return NewJob(new_id("st"), tenant, "soundtrack", request, bucket=bucket, cost_s=cost_s)


@dataclass(frozen=True)
class Bench:
    """`api` and `worker` are two clients of one queue (in memory: one object)."""

    api: Queue
    worker: Queue

    async def lose(self, claim: Claim) -> None:
        """End a lease as time would."""
        if isinstance(self.api, MemoryQueue):
            self.api._state.entry(claim.job.id).leased_until = 0.0
        else:
            await self.api._board.redis.delete(lock_of(self.api, claim))

    async def claim(self, worker: str = "w1", most: int = 1) -> tuple[Claim, ...]:
        return await self.worker.claim(worker, most=most, wait_s=DEADLINE_S)

    async def claim_one(self, worker: str = "w1") -> Claim:
        (claim,) = await self.claim(worker)
        return claim

    async def tend_until(self, done: Callable[[], Awaitable[bool]]) -> None:
        ends_at = time.monotonic() + DEADLINE_S
        while not await done():
            assert time.monotonic() < ends_at, "tending did not bring it about"
            await asyncio.sleep(0.002)
            await self.worker.tend()

    async def tend_until_status(self, job_id: str, status: str) -> None:
        async def reached() -> bool:
            return (await self.api.get(job_id)).status == status

        await self.tend_until(reached)


Opener = Callable[..., Any]  # opener(**changes of QUICK) -> async context manager of Bench


def lock_of(queue: BullQueue, claim: Claim) -> str:
    return queue._board.keys.of(f"gen-{claim.job.bucket}", claim.job.id, "lock")


@asynccontextmanager
async def on_memory(**changes: Any) -> AsyncIterator[Bench]:
    queue = MemoryQueue(replace(QUICK, **changes))
    yield Bench(queue, queue)


@asynccontextmanager
async def on_redis(url: str, **changes: Any) -> AsyncIterator[Bench]:
    config = replace(QUICK, **{"name": f"test-{uuid.uuid4().hex[:8]}", **changes})
    api, worker = BullQueue.connect(url, config), BullQueue.connect(url, config)
    try:
        yield Bench(api, worker)
    finally:
        await api.close()
        await worker.close()


async def all_events(queue: Queue, job_id: str, *, after: str = "0") -> list[JobEvent]:
    return [event async for event in queue.events(job_id, after=after) if event is not None]
