"""What is left in Redis: one slot, a time to live on everything that ends, few connections."""

import asyncio
from contextlib import AsyncExitStack

from service.jobs.bull import BullQueue
from service.jobs.port import Once
from tests.service.jobs.bench import DONE, a_job, on_redis


def test_every_key_is_in_one_slot_and_ends_with_its_job(redis_url: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url) as bench:
            assert isinstance(bench.api, BullQueue)
            redis, prefix = bench.api._board.redis, bench.api._board.keys.prefix
            await bench.api.submit(a_job(cancel_after_s=60), Once("k", "sha"))
            claim = await bench.claim_one()
            await bench.worker.progress(claim, "x", 0.5)
            await bench.worker.complete(claim, DONE)
            await bench.worker.tend()
            names = [name async for name in redis.scan_iter(match=f"{prefix}*")]
            lasting = {name.removeprefix(f"{prefix}:") for name in names if await redis.ttl(name) == -1}
            assert {name for name in lasting if not name.startswith("gen-")} <= {"buckets"}
            assert len(names) > 5

    asyncio.run(scene())


def test_many_idle_followers_share_one_subscription(redis_url: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url, idle_s=60.0) as bench, AsyncExitStack() as stack:
            assert isinstance(bench.api, BullQueue)
            job = a_job()
            await bench.api.submit(job)
            streams = [aiter(bench.api.events(job.id)) for _ in range(200)]
            for stream in streams:
                assert await anext(stream) is not None
            ends = [asyncio.ensure_future(anext(stream)) for stream in streams]
            stack.callback(lambda: [end.cancel() for end in ends])
            await asyncio.sleep(0)
            ((_, subscribers),) = await bench.api._board.redis.pubsub_numsub(bench.api._board.keys.of("wake"))
            assert subscribers == 1
            await bench.api.cancel(job.id)
            done = await asyncio.wait_for(asyncio.gather(*ends), 10)
            assert {event.name for event in done if event} == {"done"}

    asyncio.run(scene())


def test_a_lost_wake_up_call_is_made_good_by_looking(redis_url: str) -> None:
    async def scene() -> None:
        async with on_redis(redis_url, poll_s=0.05) as bench:
            assert isinstance(bench.api, BullQueue)
            waiting = asyncio.ensure_future(bench.claim())
            await asyncio.sleep(0.02)
            job = a_job()
            await bench.api._board.scripts.admit(job, None)
            await bench.api._board.engine.add(job.bucket, job.id, priority=1, now_ms=1)  # and nobody is told
            assert len(await asyncio.wait_for(waiting, 10)) == 1

    asyncio.run(scene())
