"""The rate limiter: one contract for Redis and memory, and the law of the bucket."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from service.access.errors import LimiterUnavailable
from service.access.limit import Limiter, MemoryLimiter, Quota, Rate, RedisLimiter
from service.ids import new_id

SLOW = Rate(per_s=0.001, burst=3)  # nothing comes back while a test runs
Trial = Callable[[Limiter], Awaitable[None]]


@pytest.fixture(params=["memory", "redis"])
def trying(request: pytest.FixtureRequest) -> Callable[[Trial], None]:
    """Runs a trial against one of the limiters."""

    async def on_redis(url: str, trial: Trial) -> None:
        async with Redis.from_url(url) as redis:
            await trial(RedisLimiter(redis, new_id("test")))

    async def on_memory(trial: Trial) -> None:
        await trial(MemoryLimiter())

    if request.param == "memory":
        return lambda trial: asyncio.run(on_memory(trial))
    url = request.getfixturevalue("redis_url")
    return lambda trial: asyncio.run(on_redis(url, trial))


def test_a_burst_passes_and_one_more_does_not(trying: Callable[[Trial], None]) -> None:
    async def trial(limiter: Limiter) -> None:
        quotas = [await limiter.take("a", SLOW) for _ in range(5)]
        assert [q.allowed for q in quotas] == [True, True, True, False, False]
        assert [q.remaining for q in quotas] == [2, 1, 0, 0, 0]
        assert 900 < quotas[-1].retry_after_s <= 1_000

    trying(trial)


def test_buckets_are_apart(trying: Callable[[Trial], None]) -> None:
    async def trial(limiter: Limiter) -> None:
        for _ in range(4):
            await limiter.take("a", SLOW)
        assert (await limiter.take("b", SLOW)).allowed

    trying(trial)


def test_a_hundred_at_once_take_no_more_than_there_is(trying: Callable[[Trial], None]) -> None:
    async def trial(limiter: Limiter) -> None:
        quotas = await asyncio.gather(*(limiter.take("a", Rate(0.001, 40)) for _ in range(100)))
        assert sum(q.allowed for q in quotas) == 40

    trying(trial)


def test_tokens_come_back(trying: Callable[[Trial], None]) -> None:
    async def trial(limiter: Limiter) -> None:
        rate, until = Rate(20.0, 1), time.monotonic() + 10
        assert (await limiter.take("a", rate)).allowed
        while not (await limiter.take("a", rate)).allowed:
            assert time.monotonic() < until
            await asyncio.sleep(0.01)

    trying(trial)


def test_a_bucket_in_redis_lapses_once_it_is_full(redis_url: str) -> None:
    async def trial() -> int:
        async with Redis.from_url(redis_url) as redis:
            limiter = RedisLimiter(redis, "lapse")
            await limiter.take("a", Rate(2.0, 10))
            return int(await redis.pttl("lapse:rate:a"))

    assert 0 < asyncio.run(trial()) <= 502


def test_without_redis_nobody_is_let_in() -> None:
    async def trial() -> Quota:
        async with Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0)) as redis:
            return await RedisLimiter(redis, "x").take("a", SLOW)

    with pytest.raises(LimiterUnavailable):
        asyncio.run(trial())


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.5, 20), st.integers(1, 10))
def test_no_window_lets_through_more_than_burst_and_rate(waits: list[float], per_s: float, burst: int) -> None:
    clock, passed = 0.0, list[float]()
    limiter, rate = MemoryLimiter(lambda: clock), Rate(per_s, burst)
    for wait in waits:
        clock += wait
        if asyncio.run(limiter.take("a", rate)).allowed:
            passed.append(clock)
    for i, start in enumerate(passed):
        for j, end in enumerate(passed[i:], 1):
            assert j <= burst + (end - start) * per_s * 1.001 + 1e-3


def test_who_waits_as_told_is_let_in() -> None:
    clock = 100.0
    limiter, rate = MemoryLimiter(lambda: clock), Rate(3.0, 2)
    quotas = [asyncio.run(limiter.take("a", rate)) for _ in range(3)]
    clock += quotas[-1].retry_after_s + 1e-6
    assert not quotas[-1].allowed
    assert asyncio.run(limiter.take("a", rate)).allowed


def test_the_headers_are_structured_fields_of_draft_10() -> None:
    quota = Quota(Rate(50.0, 200), True, 150, 0.0, 0.98)
    assert quota.headers() == {
        "RateLimit-Policy": '"requests";q=200;w=4',
        "RateLimit": '"requests";r=150;t=1',
    }
    refused = Quota(Rate(50.0, 200), False, 0, 0.01, 4.0).headers()
    assert refused["Retry-After"] == "1"
    assert re.fullmatch(r'"requests";r=0;t=4', refused["RateLimit"])
