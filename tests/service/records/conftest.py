"""The two stores of records that keep one contract: the real Redis, and memory with a clock of the test."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from service.records.memory import MemoryRecords
from service.records.port import Records
from service.records.redis import RedisRecords
from service.redis_server import EmbeddedRedis

LapsesAfter = Callable[[float], Awaitable[None]]  # so many seconds go by
Scenario = Callable[[Records, LapsesAfter], Awaitable[None]]
Run = Callable[[Scenario], None]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Redis."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Plays a scenario on one kind of records."""
    if request.param == "memory":
        return _run_on_memory
    url = request.getfixturevalue("redis_url")
    return lambda scenario: _run_on_redis(scenario, url, tmp_path.name)


def _run_on_memory(scenario: Scenario) -> None:
    now_s = 1000.0

    async def pass_by(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    async def play() -> None:
        await scenario(MemoryRecords(lambda: now_s), pass_by)

    asyncio.run(play())


def _run_on_redis(scenario: Scenario, url: str, name: str) -> None:
    async def play() -> None:
        records = RedisRecords.connect(url, name)
        try:
            await scenario(records, asyncio.sleep)
        finally:
            await records.close()

    asyncio.run(play())
