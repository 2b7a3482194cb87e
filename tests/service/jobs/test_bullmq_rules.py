"""What this service relies on in BullMQ. When an upgrade of the library breaks one of these, do not upgrade."""

import asyncio
import time
from typing import Any

import pytest

from service.jobs.bull import BullQueue
from service.jobs.engine import RELEASE, Engine
from service.jobs.errors import LostClaim
from tests.service.jobs.bench import on_redis


def on_engine(url: str, scene: Any, **changes: Any) -> None:
    async def act() -> None:
        async with on_redis(url, **changes) as bench:
            assert isinstance(bench.api, BullQueue)
            await scene(bench.api._board.engine, bench.api)

    asyncio.run(act())


async def take(engine: Engine, queue: BullQueue, token: str = "t") -> str | None:
    taken = await engine.take("b", token, now_ms=await queue._board.now_us() // 1000)
    return taken.id if taken else None


def test_an_id_is_added_once(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        for _ in range(3):
            await engine.add("b", "one", priority=1, now_ms=1)
        assert [await take(engine, queue), await take(engine, queue)] == ["one", None]
        await engine.add("b", "one", priority=1, now_ms=1)
        assert await take(engine, queue) is None

    on_engine(redis_url, scene)


def test_priorities_then_order_of_arrival_and_they_can_change(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        for id_, priority in (("d", 100), ("c", 100), ("a", 1), ("b", 1)):
            await engine.add("b", id_, priority=priority, now_ms=1)
        await engine.prioritise("b", "c", 50)
        assert [await take(engine, queue) for _ in range(5)] == ["a", "b", "c", "d", None]

    on_engine(redis_url, scene)


@pytest.mark.parametrize("ending", ["complete", "fail", "delay", "release"])
def test_only_the_token_that_locked_a_job_may_end_it_and_only_once(redis_url: str, ending: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        async def end(token: str) -> None:
            if ending == "complete":
                await engine.complete("b", "one", token, value="v")
            elif ending == "fail":
                await engine.fail("b", "one", token, reason="r")
            elif ending == "delay":
                await engine.delay("b", "one", token, delay_ms=10, now_ms=1)
            else:
                await engine.release("b", "one", token)

        await engine.add("b", "one", priority=1, now_ms=1)
        await take(engine, queue, "mine")
        with pytest.raises(LostClaim):
            await end("another's")
        await end("mine")
        with pytest.raises(LostClaim):
            await end("mine")

    on_engine(redis_url, scene)


def test_a_lock_that_ran_out_refuses_its_token(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        await engine.add("b", "one", priority=1, now_ms=1)
        await take(engine, queue)
        assert await engine.extend("b", ["one"], ["t"]) == frozenset()
        assert await engine.extend("b", ["one"], ["other"]) == {"one"}
        await queue._board.redis.delete(queue._board.keys.of("gen-b", "one", "lock"))
        assert await engine.extend("b", ["one"], ["t"]) == {"one"}
        with pytest.raises(LostClaim):
            await engine.complete("b", "one", "t", value="v")

    on_engine(redis_url, scene)


def test_a_locked_job_cannot_be_removed_and_others_can(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        for id_ in ("one", "two"):
            await engine.add("b", id_, priority=1, now_ms=1)
        await take(engine, queue)
        assert [await engine.remove("b", id_) for id_ in ("one", "two", "none")] == [False, True, True]
        assert await take(engine, queue) is None

    on_engine(redis_url, scene)


def test_a_job_without_lock_is_first_in_line_again_and_doomed_the_third_time(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        await engine.add("b", "one", priority=100, now_ms=1)
        await engine.add("b", "two", priority=1, now_ms=1)
        assert await take(engine, queue) == "two"
        for doomed in (False, False, True):
            taken = await engine.take("b", "t", now_ms=await queue._board.now_us() // 1000)
            assert taken is not None
            assert taken.id == "one"
            await queue._board.redis.delete(queue._board.keys.of("gen-b", "one", "lock"))
            moved: tuple[str, ...] = ()
            ends_at = time.monotonic() + 10
            while not moved and time.monotonic() < ends_at:
                await asyncio.sleep(0.002)
                moved = await engine.stalled("b")
            assert moved == ("one",)
            assert await engine.is_doomed("b", "one") is doomed
        last = await engine.take("b", "t", now_ms=await queue._board.now_us() // 1000)
        assert last is not None
        assert last.doomed

    on_engine(redis_url, scene, max_stalls=2)


def test_a_released_job_keeps_its_priority_and_its_stalls(redis_url: str) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        for id_, priority in (("slow", 100), ("slow2", 100)):
            await engine.add("b", id_, priority=priority, now_ms=1)
        assert await take(engine, queue) == "slow"
        await engine.release("b", "slow", "t")
        await engine.add("b", "fast", priority=1, now_ms=1)
        assert [await take(engine, queue) for _ in range(3)] == ["fast", "slow", "slow2"]

    assert RELEASE.endswith("-9.lua")
    on_engine(redis_url, scene)


def test_only_the_servers_clock_decides_when_a_delayed_job_is_due(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(engine: Engine, queue: BullQueue) -> None:
        await engine.add("b", "one", priority=1, now_ms=1)
        await take(engine, queue)
        now_ms = await queue._board.now_us() // 1000
        await engine.delay("b", "one", "t", delay_ms=60_000, now_ms=now_ms)
        clock = time.time
        monkeypatch.setattr(time, "time", lambda: clock() + 3600)
        assert await take(engine, queue) is None
        assert await engine.take("b", "t", now_ms=now_ms + 60_001) is not None

    on_engine(redis_url, scene)
