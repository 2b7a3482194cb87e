"""Entries that nobody can read end as failed jobs with a reason; the worker and the other jobs live on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.jobs.board import Board
from service.jobs.bull import BullQueue
from tests.service.jobs.bench import DONE, a_job, all_events, on_redis

Damage = Callable[[Board, str], Awaitable[Any]]


def record(board: Board, job_id: str) -> str:
    return board.keys.of("job", job_id)


def entry(board: Board, job_id: str) -> str:
    return board.keys.of("gen-score", job_id)


async def replace_record(board: Board, job_id: str) -> None:
    await board.redis.set(record(board, job_id), "not a hash")


async def replace_entry(board: Board, job_id: str) -> None:
    await board.redis.set(entry(board, job_id), "not a hash")


DAMAGES: dict[str, Damage] = {
    "request is no JSON": lambda board, id_: board.redis.hset(record(board, id_), "request", "{"),
    "request of another schema": lambda board, id_: board.redis.hset(record(board, id_), "request", '{"prompt":"x"}'),
    "older version": lambda board, id_: board.redis.hset(record(board, id_), "v", "0"),
    "no version": lambda board, id_: board.redis.hdel(record(board, id_), "v"),
    "attempt is no number": lambda board, id_: board.redis.hset(record(board, id_), "attempt", "x"),
    "record is no hash": replace_record,
    "record is gone": lambda board, id_: board.redis.delete(record(board, id_)),
    "entry in BullMQ is no hash": replace_entry,
    "entry in BullMQ has broken data": lambda board, id_: board.redis.hset(entry(board, id_), "data", "{"),
}
HARMLESS = {"entry in BullMQ has broken data"}  # nothing is read from there


@pytest.mark.parametrize("name", DAMAGES)
def test_a_broken_entry_is_buried_and_the_next_job_is_made(redis_url: str, name: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url) as bench:
            assert isinstance(bench.api, BullQueue)
            broken, sound = a_job(), a_job()
            await bench.api.submit(broken)
            await bench.api.submit(sound)
            await DAMAGES[name](bench.api._board, broken.id)
            claims = await bench.claim(most=2)
            if name in HARMLESS:
                assert len(claims) == 2
                return
            assert [claim.job.id for claim in claims] == [sound.id]
            buried = await bench.api.get(broken.id)
            assert buried.status == "failed"
            assert buried.error is not None
            assert buried.error.code == "corrupt-job"
            assert (await all_events(bench.api, broken.id))[-1].name == "done"
            await bench.worker.complete(claims[0], DONE)
            await bench.worker.tend()
            stats = await bench.api.stats()
            assert (stats.queued, stats.running, stats.outstanding_s) == (0, 0, 0.0)

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["request is no JSON", "older version", "record is no hash"])
def test_a_broken_record_is_found_by_those_who_ask_for_it(redis_url: str, name: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url) as bench:
            assert isinstance(bench.api, BullQueue)
            broken, sound = a_job(), a_job()
            await bench.api.submit(broken)
            await bench.api.submit(sound)
            await DAMAGES[name](bench.api._board, broken.id)
            page = await bench.api.page("ann", status=None, cursor=None, limit=9)
            assert [(job.id, job.status) for job in page.jobs] == [(sound.id, "queued"), (broken.id, "failed")]
            assert [claim.job.id for claim in await bench.claim(most=9)] == [sound.id]

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["record is no hash", "entry in BullMQ is no hash"])
def test_a_running_job_that_is_damaged_is_found_by_tending(redis_url: str, name: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url) as bench:
            assert isinstance(bench.api, BullQueue)
            job = a_job()
            await bench.api.submit(job)
            await bench.claim_one()
            await DAMAGES[name](bench.api._board, job.id)
            await bench.tend_until_status(job.id, "failed")

    asyncio.run(scene())


def test_strangers_in_the_queue_are_thrown_out(redis_url: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url) as bench:
            assert isinstance(bench.api, BullQueue)
            board = bench.api._board
            await bench.api.submit(a_job())
            await board.redis.lpush(board.keys.of("gen-score", "wait"), "stranger")
            await board.redis.zadd(board.keys.of("queued"), {"ghost": 1})
            assert len(await bench.claim(most=5)) == 1

            async def gone() -> bool:
                return (await bench.api.stats()).queued == 0

            await bench.tend_until(gone)

    asyncio.run(scene())
