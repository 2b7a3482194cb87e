"""Leases and progress while work goes on: renewed, told not too often, and neither ends when the queue is away."""

import asyncio
from collections.abc import Collection

from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource
from service.jobs.errors import QueueUnavailable
from service.jobs.memory import MemoryQueue
from service.jobs.port import Claim, NewJob, Renewal
from service.worker.holding import Holding
from service.worker.teller import Teller
from tests.service.worker.conftest import until


class Flaky(MemoryQueue):
    """A queue that is away for the first calls of `renew`, and that notes what progress it is told."""

    away = 0

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, float]] = []

    async def renew(self, worker: str, claims: Collection[Claim]) -> Renewal:
        self.away -= 1
        if self.away >= 0:
            raise QueueUnavailable("Redis does not answer")
        return await super().renew(worker, claims)

    async def progress(self, claim: Claim, stage: str, fraction: float) -> None:
        self.heard.append((stage, fraction))


async def claimed(queue: MemoryQueue) -> Claim:
    request = SoundtrackRequest(sources=(CaptionSource(text="x"),))
    await queue.submit(NewJob("st_a", "t", "soundtrack", request))
    (claim,) = await queue.claim("w", most=1, wait_s=0)
    return claim


def test_the_wish_to_cancel_arrives_although_the_queue_was_away() -> None:
    async def story() -> None:
        queue = Flaky()
        queue.away = 2
        holding = Holding(queue, "w", lock_s=0.06)
        (held,) = holding.take([await claimed(queue)])
        await queue.cancel("st_a")
        keeping = asyncio.create_task(holding.keep())
        await until(lambda: held.is_cancelled)
        assert not held.is_lost
        keeping.cancel()

    asyncio.run(story())


def test_a_claim_that_ended_elsewhere_is_lost() -> None:
    async def story() -> None:
        queue = Flaky()
        claim = await claimed(queue)
        holding = Holding(queue, "w", lock_s=0.06)
        (held,) = holding.take([claim])
        await queue.release([claim])
        keeping = asyncio.create_task(holding.keep())
        await until(lambda: held.is_lost)
        assert not held.is_cancelled
        keeping.cancel()

    asyncio.run(story())


def test_only_the_newest_progress_is_told_once_the_pause_is_over() -> None:
    async def story() -> None:
        queue = Flaky()
        claim = await claimed(queue)
        teller = Teller(queue, pause_s=0.3)
        telling = asyncio.create_task(teller.tell())
        teller.note(claim, "plan", 0.0)
        await until(lambda: bool(queue.heard))
        for step in range(100):
            teller.note(claim, "render", step / 100)
        await until(lambda: len(queue.heard) > 1)
        assert queue.heard == [("plan", 0.0), ("render", 0.99)]
        teller.note(claim, "write", 1.0)
        teller.forget(claim)
        telling.cancel()

    asyncio.run(story())
