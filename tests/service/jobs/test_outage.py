"""Redis dies, freezes, comes back: a plain error within two seconds, and nothing acknowledged is lost."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.jobs.bull import BullQueue
from service.jobs.errors import QueueUnavailable
from service.jobs.port import Claim
from service.redis_server import EmbeddedRedis
from tests.service.jobs.bench import BROKEN, DEADLINE_S, DONE, QUICK, a_job

CONFIG = replace(QUICK, answer_s=0.2)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path) as running:
        yield running


async def until_back(queue: BullQueue) -> None:
    ends_at = time.monotonic() + DEADLINE_S
    while True:
        try:
            return await queue.ping()
        except QueueUnavailable:
            assert time.monotonic() < ends_at
            await asyncio.sleep(0.02)


def every_call(queue: BullQueue, claim: Claim) -> list[Awaitable[Any]]:
    return [
        queue.submit(a_job()),
        queue.get("st_x"),
        queue.position("st_x"),
        queue.page("ann", status="queued", cursor=None, limit=1),
        anext(aiter(queue.events(claim.job.id))),
        queue.cancel("st_x"),
        queue.delete("st_x"),
        queue.stats(),
        queue.ping(),
        queue.claim("w1", most=1, wait_s=5),
        queue.renew("w1", [claim]),
        queue.progress(claim, "x", 0.5),
        queue.complete(claim, DONE),
        queue.fail(claim, BROKEN, retry=True),
        queue.fail(claim, BROKEN, retry=False),
        queue.cancelled(claim),
        queue.release([claim]),
        queue.tend(),
    ]


def test_acknowledged_jobs_survive_a_kill_and_the_same_queue_goes_on(server: EmbeddedRedis) -> None:
    async def scene() -> None:
        queue = BullQueue.connect(server.url, CONFIG)
        jobs = [a_job() for _ in range(20)]
        for job in jobs:
            await queue.submit(job)
        (claim,) = await queue.claim("w1", most=1, wait_s=1)
        server.kill()
        for call in every_call(queue, claim):
            with pytest.raises(QueueUnavailable, match="TONEREEL_REDIS_URL"):
                await asyncio.wait_for(call, 2.0)
        server.restart()
        await until_back(queue)
        assert (await queue.get(claim.job.id)).status == "running"
        await queue.complete(claim, DONE)
        done = 1
        while claims := await queue.claim("w1", most=4, wait_s=0):
            for held in claims:
                await queue.complete(held, DONE)
                done += 1
        assert done == len(jobs)
        await queue.close()

    asyncio.run(scene())


def test_a_frozen_redis_is_not_waited_for(server: EmbeddedRedis) -> None:
    async def scene() -> None:
        queue = BullQueue.connect(server.url, CONFIG)
        await queue.submit(a_job())
        (claim,) = await queue.claim("w1", most=1, wait_s=1)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        try:
            answers = await asyncio.wait_for(
                asyncio.gather(*every_call(queue, claim), return_exceptions=True), DEADLINE_S
            )
        finally:
            os.kill(server.pid, signal.SIGCONT)
        assert [answer for answer in answers if not isinstance(answer, QueueUnavailable)] == []
        await until_back(queue)
        await queue.close()

    asyncio.run(scene())


def test_a_full_redis_refuses_new_jobs_and_ends_none(server: EmbeddedRedis) -> None:
    async def scene() -> None:
        queue = BullQueue.connect(server.url, CONFIG)
        first = a_job()
        await queue.submit(first)
        await queue._board.redis.config_set("maxmemory", 1)
        with pytest.raises(QueueUnavailable):
            await queue.submit(a_job())
        assert (await queue.get(first.id)).status == "queued"
        await queue._board.redis.config_set("maxmemory", 0)
        assert (await queue.claim("w1", most=1, wait_s=1))[0].job.id == first.id
        await queue.close()

    asyncio.run(scene())


def test_a_follower_goes_on_after_an_outage(server: EmbeddedRedis) -> None:
    async def scene() -> None:
        queue = BullQueue.connect(server.url, CONFIG)
        job = a_job()
        await queue.submit(job)
        first = await anext(aiter(queue.events(job.id)))
        assert first is not None
        server.kill()
        server.restart()
        await until_back(queue)
        await queue.cancel(job.id)
        news = [event async for event in queue.events(job.id, after=first.id) if event is not None]
        assert [event.name for event in news] == ["done"]
        await queue.close()

    asyncio.run(scene())
