"""Deliveries in Redis: a sorted set of what is due, claimed under leases by any process."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.ids import new_id
from service.webhooks.errors import DeliveriesUnavailable, UnknownDelivery
from service.webhooks.lua import ADD, CLAIM, DROP, REPLAY, REPORT
from service.webhooks.port import LOGGED, PUT_OFF_S, SCANNED, Attempt, Claimed, Delivery, Message, Share

log = logging.getLogger(__name__)
KEPT_S = 5 * 86_400  # longer than the schedule of a delivery
SEEN_S = 7 * 86_400


class RedisDeliveries:
    """Deliveries under `{prefix}:webhooks`; `job_ttl_s` is how long the ends of jobs may be noticed again."""

    def __init__(self, redis: Redis, prefix: str, *, job_ttl_s: int = 0) -> None:
        self._redis, self._base = redis, f"{{{prefix}}}:webhooks"
        self._seen_s = max(SEEN_S, 2 * job_ttl_s)

    async def add(self, message: Message) -> bool:
        """Make a message due now; False when it was added before."""
        member = f"{message.endpoint}/{message.id}"
        keys = (self._key("seen", member), self._key("one", member), self._key("log", message.endpoint), self._due)
        text = json.dumps(asdict(message), separators=(",", ":"))
        return bool(await self._run(ADD, keys, self._seen_s, KEPT_S, text, member, message.id, LOGGED, self._ones))

    async def claim(self, share: Share, *, lease_s: float) -> tuple[Claimed, ...]:
        """Take what is due, the longest due first."""
        token, busy = new_id("lease"), json.dumps(dict(share.busy))
        limits = (share.most, share.of_one, busy, round(lease_s * 1000), token, self._ones)
        found = await self._run(CLAIM, (self._due,), *limits, SCANNED, round(PUT_OFF_S * 1000))
        rows = [found[i : i + 5] for i in range(0, len(found), 5)]
        return tuple(Claimed(delivery, token) for row in rows if (delivery := _sound(row)) is not None)

    async def report(self, claimed: Claimed, delivery: Delivery, *, wait_s: float | None) -> bool:
        """Write how a try went; False when the lease was lost."""
        message = delivery.message
        member = f"{message.endpoint}/{message.id}"
        attempts = json.dumps([asdict(a) for a in delivery.attempts], separators=(",", ":"))
        wait = "" if wait_s is None else str(round(wait_s * 1000))
        state = (delivery.state, attempts, delivery.tries, wait, KEPT_S)
        keys = (self._due, self._key("one", member), self._key("log", message.endpoint))
        return bool(await self._run(REPORT, keys, claimed.token, member, message.id, *state))

    async def log(self, endpoint: str) -> tuple[Delivery, ...]:
        """The last hundred deliveries of an endpoint, newest first."""
        try:
            ids: list[bytes | str] = await self._redis.zrevrange(self._key("log", endpoint), 0, LOGGED - 1)  # type: ignore[assignment]  # no scores asked
        except (RedisError, OSError) as exc:
            raise _unavailable() from exc
        found = [await self._read(f"{endpoint}/{_text(id_)}") for id_ in ids]
        return tuple(delivery for delivery in found if delivery is not None)

    async def get(self, endpoint: str, id_: str) -> Delivery:
        """One delivery; raises UnknownDelivery."""
        found = await self._read(f"{endpoint}/{id_}")
        if found is None:
            raise UnknownDelivery(f"there is no delivery {id_} to {endpoint}; it may be too old")
        return found

    async def replay(self, endpoint: str, id_: str) -> Delivery:
        """Make a delivery due now, with its tries counted anew; raises UnknownDelivery."""
        member = f"{endpoint}/{id_}"
        await self._run(REPLAY, (self._due, self._key("one", member)), member, KEPT_S)
        return await self.get(endpoint, id_)

    async def drop(self, endpoint: str) -> None:
        """Forget an endpoint's deliveries."""
        await self._run(DROP, (self._due, self._key("log", endpoint)), endpoint, self._ones)

    @property
    def _due(self) -> str:
        return f"{self._base}:due"

    @property
    def _ones(self) -> str:
        return f"{self._base}:one:"

    def _key(self, kind: str, name: str) -> str:
        return f"{self._base}:{kind}:{name}"

    async def _read(self, member: str) -> Delivery | None:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hmget(self._key("one", member), ["message", "state", "attempts", "tries"])
                pipe.zscore(self._due, member)
                row, due_ms = await pipe.execute()
        except (RedisError, OSError) as exc:
            raise _unavailable() from exc
        return None if row[0] is None else _delivery(row, None if due_ms is None else float(due_ms) / 1000)

    async def _run(self, script: str, keys: Sequence[str], *args: str | int) -> Any:
        try:
            return await self._redis.eval(script, len(keys), *keys, *args)
        except (RedisError, OSError) as exc:
            raise _unavailable() from exc


def _unavailable() -> DeliveriesUnavailable:
    return DeliveriesUnavailable("Redis does not answer; try again in a few seconds")


def _sound(row: Sequence[bytes | str]) -> Delivery | None:
    """A claimed delivery; None for one that something has damaged, which lapses by itself and stops nobody."""
    try:
        return _delivery(row[:4], float(row[4]) / 1000)
    except (ValueError, TypeError):
        log.exception("a webhook delivery in Redis cannot be read and is passed over")
        return None


def _delivery(row: Sequence[bytes | str], next_at: float | None) -> Delivery:
    text, state, attempts, tries = map(_text, row)
    return Delivery(
        Message(**json.loads(text)),
        "delivered" if state == "delivered" else "failed" if state == "failed" else "pending",
        tuple(Attempt(**attempt) for attempt in json.loads(attempts)),
        int(tries),
        next_at,
    )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
