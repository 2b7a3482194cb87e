"""What only Redis has to care about: lapsed index entries, servers that are away or frozen, shared servers."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from service.errors import BadInput
from service.records.composition import records_of
from service.records.port import Record, RecordsUnavailable
from service.records.redis import RedisRecords
from service.redis_server import EmbeddedRedis
from service.settings import Settings

PATIENCE_S = 2.5  # the promise is two seconds


async def unavailable_within(records: RedisRecords) -> float:
    """The longest time that any operation takes to say that Redis is away."""
    longest = 0.0
    for work in (
        lambda: records.put(Record("upload", "a", "anna", "{}"), ttl_s=1),
        lambda: records.get("upload", "a", tenant=None),
        lambda: records.list("upload", tenant=None),
        lambda: records.delete("upload", "a", tenant=None),
        lambda: records.take("upload", "a", ttl_s=1),
    ):
        begun = time.monotonic()
        with pytest.raises(RecordsUnavailable, match="TONEREEL_REDIS_URL"):
            await work()
        longest = max(longest, time.monotonic() - begun)
    return longest


def test_a_redis_that_is_killed_is_unavailable_and_comes_back_with_everything(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:

        async def scenario() -> None:
            records = RedisRecords.connect(server.url, "test")
            await records.put(Record("upload", "a", "anna", "{}"), ttl_s=None)
            server.kill()
            assert await unavailable_within(records) < PATIENCE_S
            server.restart()
            assert (await records.get("upload", "a", tenant="anna")).body == "{}"
            await records.close()

        asyncio.run(scenario())


def test_a_redis_that_is_frozen_is_unavailable_within_two_seconds(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:

        async def scenario() -> None:
            records = RedisRecords.connect(server.url, "test")
            await records.take("mark", "x", ttl_s=10)
            assert server.pid is not None
            os.kill(server.pid, signal.SIGSTOP)
            try:
                begun = time.monotonic()
                with pytest.raises(RecordsUnavailable, match="does not answer"):
                    await records.list("upload", tenant=None)
                assert time.monotonic() - begun < PATIENCE_S
            finally:
                os.kill(server.pid, signal.SIGCONT)
            assert not await records.take("mark", "x", ttl_s=10)
            await records.close()

        asyncio.run(scenario())


def test_nothing_of_lapsed_records_stays_behind(redis_url: str) -> None:
    async def scenario() -> None:
        records, redis = RedisRecords.connect(redis_url, "lapsing"), Redis.from_url(redis_url, decode_responses=True)
        for i in range(250):
            await records.put(Record("upload", f"{i}", "anna", "{}"), ttl_s=1)
        deadline = time.monotonic() + 10
        while await redis.exists("{lapsing}:records:upload:is:249") and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await records.put(Record("upload", "new", "ben", "{}"), ttl_s=None)
        assert [r.id for r in await records.list("upload", tenant=None)] == ["new"]
        left = {key async for key in redis.scan_iter("{lapsing}:*")}
        assert left == {f"{{lapsing}}:records:upload:{name}" for name in ("is:new", "all", "of:ben")}
        await records.delete("upload", "new", tenant="ben")
        assert {key async for key in redis.scan_iter("{lapsing}:*")} == set()
        await records.close()
        await redis.aclose()

    asyncio.run(scenario())


def test_a_redis_can_be_shared_by_names(redis_url: str) -> None:
    async def scenario() -> None:
        one, other = RedisRecords.connect(redis_url, "one"), RedisRecords.connect(redis_url, "other")
        await one.put(Record("upload", "a", "anna", "{}"), ttl_s=100)
        assert await other.list("upload", tenant=None) == ()
        await one.close()
        await other.close()

    asyncio.run(scenario())


def test_the_settings_name_the_redis(redis_url: str) -> None:
    async def scenario() -> None:
        records = records_of(Settings.model_validate({"redis_url": redis_url}))
        assert await records.list("upload", tenant="nobody") == ()
        await records.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("given", [{}, {"redis_url": "http://example.com"}])
def test_settings_without_an_address_of_a_redis_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="TONEREEL_REDIS_URL"):
        records_of(Settings.model_validate(given))
