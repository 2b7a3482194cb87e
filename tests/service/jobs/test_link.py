"""The connection to Redis lets go when it is told to."""

import asyncio
from typing import Any

import pytest

from service.jobs.link import link

TICKS = 12  # a command to a warm connection takes about half as many turns of the loop


async def ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def pings(client: Any, *, after: int) -> None:
    """Many commands, with a deadline that passes after so many turns of the loop: during one of the first commands."""
    loop = asyncio.get_running_loop()

    async def pass_by(limit: asyncio.Timeout) -> None:
        await ticks(after)
        limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        passing = asyncio.create_task(pass_by(limit))
        for _ in range(5 * TICKS):
            await client.ping()
    await passing


@pytest.mark.parametrize("together", [False, True], ids=["one command", "a pipeline"])
def test_whoever_is_cancelled_amid_a_command_is_cancelled(redis_url: str, *, together: bool) -> None:
    async def story() -> None:
        client: Any = link(redis_url, 5.0)
        for count in range(TICKS):
            asked = asyncio.create_task(client.pipeline().ping().execute() if together else client.ping())
            await ticks(count)
            if asked.cancel():
                await asyncio.wait({asked})
                assert asked.cancelled(), f"cancelled after {count} turns, but it went on"
            assert await client.ping() is True  # the connection is not out of step
        await client.aclose(close_connection_pool=True)

    asyncio.run(story())


def test_a_deadline_amid_a_command_is_kept(redis_url: str) -> None:
    async def story() -> None:
        client: Any = link(redis_url, 5.0)
        for count in range(TICKS):
            with pytest.raises(TimeoutError):
                await pings(client, after=count)
        await client.aclose(close_connection_pool=True)

    asyncio.run(story())
