"""One contract for deliveries in memory and in Redis."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from service.ids import new_id
from service.webhooks.errors import DeliveriesUnavailable, UnknownDelivery
from service.webhooks.memory import MemoryDeliveries
from service.webhooks.port import LOGGED, Attempt, Claimed, Deliveries, Message, Share
from service.webhooks.redis_deliveries import RedisDeliveries

Trial = Callable[[Deliveries], Awaitable[None]]
Trying = Callable[[Trial], None]
ALL = Share(1_000, 1_000, {})
WELL = Attempt(1_700_000_000.0, 204, 12)
ILL = Attempt(1_700_000_000.0, None, 15_000, "no answer within 15 s")


@pytest.fixture(params=["memory", "redis", "redis in text"])
def trying(request: pytest.FixtureRequest) -> Trying:
    """Runs a trial against one kind of deliveries."""

    async def on_redis(url: str, trial: Trial, *, decode: bool) -> None:
        async with Redis.from_url(url, decode_responses=decode) as redis:
            await trial(RedisDeliveries(redis, new_id("test")))

    async def on_memory(trial: Trial) -> None:
        await trial(MemoryDeliveries())

    if request.param == "memory":
        return lambda trial: asyncio.run(on_memory(trial))
    url, decode = request.getfixturevalue("redis_url"), request.param != "redis"
    return lambda trial: asyncio.run(on_redis(url, trial, decode=decode))


def message(id_: str = "msg_1", endpoint: str = "we_1") -> Message:
    return Message(id_, endpoint, "films", "soundtrack.succeeded", '{"data":"ü"}', 1_700_000_000.0)


async def one_claim(deliveries: Deliveries, *, lease_s: float = 60.0, within_s: float = 10.0) -> Claimed:
    """The next claim, as soon as something is due."""
    until = time.monotonic() + within_s
    while not (claims := await deliveries.claim(Share(1, 1_000, {}), lease_s=lease_s)):
        assert time.monotonic() < until, "nothing became due"
        await asyncio.sleep(0.01)
    return claims[0]


def test_a_message_is_due_at_once_and_comes_as_it_was(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        assert await deliveries.add(message())
        claimed = await one_claim(deliveries)
        assert claimed.delivery.message == message()
        assert (claimed.delivery.state, claimed.delivery.attempts, claimed.delivery.tries) == ("pending", (), 0)

    trying(trial)


def test_a_message_is_added_once_for_each_endpoint(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        added = await asyncio.gather(*(deliveries.add(message()) for _ in range(10)))
        assert sum(added) == 1
        assert await deliveries.add(message(endpoint="we_2"))
        claims = await deliveries.claim(ALL, lease_s=60.0)
        await deliveries.report(claims[0], replace(claims[0].delivery, state="delivered"), wait_s=None)
        assert not await deliveries.add(claims[0].delivery.message)
        assert len(claims) == 2

    trying(trial)


def test_a_claimed_delivery_is_not_claimed_twice(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        for i in range(20):
            await deliveries.add(message(f"msg_{i}"))
        rounds = await asyncio.gather(*(deliveries.claim(Share(3, 99, {}), lease_s=60.0) for _ in range(10)))
        ids = [c.delivery.message.id for claims in rounds for c in claims]
        assert len(ids) == len(set(ids)) == 20

    trying(trial)


def test_what_is_not_reported_is_due_again_and_the_late_report_is_refused(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        await deliveries.add(message())
        late = await one_claim(deliveries, lease_s=0.05)
        second = await one_claim(deliveries)
        assert not await deliveries.report(late, replace(late.delivery, state="failed"), wait_s=None)
        assert await deliveries.report(
            second, replace(second.delivery, state="delivered", attempts=(WELL,), tries=1), wait_s=None
        )
        assert not await deliveries.report(second, replace(second.delivery, state="failed"), wait_s=None)
        kept = await deliveries.get("we_1", "msg_1")
        assert (kept.state, kept.attempts, kept.tries, kept.next_at) == ("delivered", (WELL,), 1, None)

    trying(trial)


def test_a_failed_try_is_due_again_after_its_wait(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        await deliveries.add(message())
        first = await one_claim(deliveries)
        after = replace(first.delivery, attempts=(ILL,), tries=1)
        assert await deliveries.report(first, after, wait_s=0.2)
        assert await deliveries.claim(ALL, lease_s=60.0) == ()
        second = await one_claim(deliveries)
        assert (second.delivery.attempts, second.delivery.tries) == ((ILL,), 1)
        assert await deliveries.report(second, replace(after, tries=2), wait_s=3_600.0)
        kept = await deliveries.get("we_1", "msg_1")
        assert kept.next_at is not None
        assert 3_500 < kept.next_at - time.time() < 3_700

    trying(trial)


def test_a_replay_is_due_at_once_with_its_tries_counted_anew(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        await deliveries.add(message())
        first = await one_claim(deliveries)
        await deliveries.report(first, replace(first.delivery, state="failed", attempts=(ILL,), tries=10), wait_s=None)
        assert (await deliveries.replay("we_1", "msg_1")).state == "pending"
        again = await one_claim(deliveries)
        assert (again.delivery.attempts, again.delivery.tries) == ((ILL,), 0)
        with pytest.raises(UnknownDelivery):
            await deliveries.replay("we_1", "msg_2")
        with pytest.raises(UnknownDelivery):
            await deliveries.get("we_2", "msg_1")

    trying(trial)


def test_one_endpoint_does_not_take_the_place_of_others(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        for i in range(9):
            await deliveries.add(message(f"msg_{i}"))
        await deliveries.add(message(endpoint="we_2"))
        claims = await deliveries.claim(Share(10, 4, {"we_1": 3}), lease_s=60.0)
        assert sorted(c.delivery.message.endpoint for c in claims) == ["we_1", "we_2"]
        assert await deliveries.claim(Share(10, 4, {"we_1": 4, "we_2": 1}), lease_s=60.0) == ()

    trying(trial)


def test_a_thousand_that_wait_for_one_endpoint_do_not_hide_another(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        for i in range(1_000):
            await deliveries.add(message(f"msg_{i}"))
        await deliveries.add(message("msg_0", endpoint="we_2"))
        busy = Share(10, 4, {"we_1": 4})
        claims = [c for _ in range(2) for c in await deliveries.claim(busy, lease_s=60.0)]
        assert [c.delivery.message.endpoint for c in claims] == ["we_2"]

    trying(trial)


def test_the_log_holds_the_last_hundred_newest_first_and_loses_nothing_that_waits(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        for i in range(LOGGED + 2):
            await deliveries.add(message(f"msg_{i}"))
        log = await deliveries.log("we_1")
        assert [d.message.id for d in log] == [f"msg_{i}" for i in range(LOGGED + 1, 1, -1)]
        claims = await deliveries.claim(ALL, lease_s=60.0)
        assert len(claims) == LOGGED + 2
        for claimed in claims:
            await deliveries.report(claimed, replace(claimed.delivery, state="delivered"), wait_s=None)
        with pytest.raises(UnknownDelivery):
            await deliveries.get("we_1", "msg_1")
        assert (await deliveries.get("we_1", "msg_2")).state == "delivered"
        await deliveries.add(message("msg_new"))
        with pytest.raises(UnknownDelivery):
            await deliveries.get("we_1", "msg_2")

    trying(trial)


def test_a_dropped_endpoint_has_nothing_due_and_no_log(trying: Trying) -> None:
    async def trial(deliveries: Deliveries) -> None:
        await deliveries.add(message())
        await deliveries.add(message(endpoint="we_2"))
        await deliveries.drop("we_1")
        assert await deliveries.log("we_1") == ()
        assert [c.delivery.message.endpoint for c in await deliveries.claim(ALL, lease_s=60.0)] == ["we_2"]

    trying(trial)


def test_every_key_in_redis_lapses_but_the_list_of_what_is_due(redis_url: str) -> None:
    async def trial() -> list[str]:
        async with Redis.from_url(redis_url, decode_responses=True) as redis:
            deliveries = RedisDeliveries(redis, "ttl")
            await deliveries.add(message())
            claimed = await one_claim(deliveries)
            await deliveries.report(claimed, claimed.delivery, wait_s=60.0)
            return [key async for key in redis.scan_iter("{ttl}*") if await redis.ttl(key) < 0]

    assert asyncio.run(trial()) == ["{ttl}:webhooks:due"]


def test_a_damaged_entry_in_redis_stops_nobody(redis_url: str) -> None:
    async def trial() -> list[str]:
        async with Redis.from_url(redis_url, decode_responses=True) as redis:
            deliveries = RedisDeliveries(redis, "damage")
            for i in range(3):
                await deliveries.add(message(f"msg_{i}"))
            await redis.hset("{damage}:webhooks:one:we_1/msg_0", "message", '{"older": "schema"}')
            await redis.hset("{damage}:webhooks:one:we_1/msg_1", "attempts", "not JSON")
            return [c.delivery.message.id for c in await deliveries.claim(ALL, lease_s=60.0)]

    assert asyncio.run(trial()) == ["msg_2"]


def test_without_redis_deliveries_are_unavailable() -> None:
    async def trial() -> None:
        async with Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0)) as redis:
            deliveries = RedisDeliveries(redis, "x")
            for call in (deliveries.add(message()), deliveries.log("we_1"), deliveries.get("we_1", "msg_1")):
                with pytest.raises(DeliveriesUnavailable):
                    await call

    asyncio.run(trial())
