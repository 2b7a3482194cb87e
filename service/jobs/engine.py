"""BullMQ as this service uses it: one queue per bucket, jobs fetched by hand, every answer a code and not a guess.

The Lua scripts of BullMQ are called through its own argument builders. Where those read the local clock, the time of
the Redis server is put in their place, so that a worker with a wrong clock does no harm. `tests/service/jobs/
test_bullmq_rules.py` pins everything that is relied on here; run it at each upgrade of the library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack  # type: ignore[import-untyped]
from bullmq import Job, Queue  # type: ignore[import-untyped]
from bullmq.redis_connection import loadScript  # type: ignore[import-untyped]
from redis.asyncio import Redis

from service.jobs.config import QueueConfig
from service.jobs.errors import LostClaim
from service.jobs.keys import Keys, bull_queue

KEPT = {"count": 1_000}  # ended jobs that BullMQ remembers per bucket: for the eye, and to repair a crash
RELEASE = "moveJobFromActiveToWait-9.lua"  # shipped with BullMQ, but not among the scripts that it registers
TAKE_KEYS: tuple[str, ...] = ("wait", "active", "prioritized", "events", "stalled", "limiter")
TAKE_KEYS += ("delayed", "paused", "meta", "pc", "marker")
RELEASE_KEYS = ("active", "wait", "stalled", "paused", "meta", "limiter", "prioritized", "marker", "events")
PRIORITY_KEYS = ("wait", "paused", "meta", "prioritized", "active", "pc", "marker")


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry that was locked for us; `doomed` when it has lost its worker too often."""

    id: str
    doomed: bool


class Engine:
    """BullMQ's side of a job. Every method may raise what redis-py raises."""

    def __init__(self, client: Redis, config: QueueConfig) -> None:
        self._client, self._config, self._keys = client, config, Keys(config.name)
        self._queues: dict[str, Any] = {}
        self._release = client.register_script(loadScript(RELEASE))

    def _queue(self, bucket: str) -> Any:
        if bucket not in self._queues:
            options = {"connection": self._client, "prefix": self._keys.prefix}
            self._queues[bucket] = Queue(bull_queue(bucket), options)
        return self._queues[bucket]

    @property
    def _lock_ms(self) -> int:
        return int(self._config.lock_s * 1000)

    async def add(self, bucket: str, id_: str, *, priority: int, now_ms: int) -> None:
        """Let a job wait; one that BullMQ knows already is left as it is."""
        await self._queue(bucket).add(
            "job", {"id": id_}, {"jobId": id_, "priority": priority, "timestamp": now_ms, "attempts": 1}
        )

    async def take(self, bucket: str, token: str, *, now_ms: int) -> Taken | None:
        """Lock the most urgent job of a bucket under a token."""
        scripts = self._queue(bucket).backend.scripts
        options = msgpack.packb({"token": token, "lockDuration": self._lock_ms, "limiter": None})
        answer = await scripts.commands["moveToActive"](
            keys=scripts.getKeys(TAKE_KEYS), args=[scripts.keys[""], now_ms, options]
        )
        if not answer or not answer[0]:
            return None
        flat = answer[0]
        return Taken(id=str(answer[1]), doomed="defa" in flat[::2])

    async def extend(self, bucket: str, ids: Sequence[str], tokens: Sequence[str]) -> frozenset[str]:
        """Renew locks; those that are not ours any more."""
        return frozenset(await self._queue(bucket).backend.extendLocks(list(ids), list(tokens), self._lock_ms))

    async def complete(self, bucket: str, id_: str, token: str, *, value: str) -> None:
        """End a job with a value; raises LostClaim."""
        scripts, job = self._queue(bucket).backend.scripts, self._job(bucket, id_)
        keys, args = scripts.moveToCompletedArgs(job, value, KEPT, token, False)
        self._accepted(id_, await scripts.commands["moveToFinished"](keys=keys, args=args))

    async def fail(self, bucket: str, id_: str, token: str, *, reason: str) -> None:
        """End a job with a reason; raises LostClaim."""
        scripts, job = self._queue(bucket).backend.scripts, self._job(bucket, id_)
        keys, args = scripts.moveToFailedArgs(job, reason, KEPT, token, False)
        self._accepted(id_, await scripts.commands["moveToFinished"](keys=keys, args=args))

    async def delay(self, bucket: str, id_: str, token: str, *, delay_ms: int, now_ms: int) -> None:
        """Let a job wait for its next try; raises LostClaim."""
        scripts = self._queue(bucket).backend.scripts
        keys, args = scripts.moveToDelayedArgs(id_, now_ms, token, delay_ms)
        self._accepted(id_, await scripts.commands["moveToDelayed"](keys=keys, args=args))

    async def release(self, bucket: str, id_: str, token: str) -> None:
        """Put a job back before all others of its priority; raises LostClaim."""
        scripts = self._queue(bucket).backend.scripts
        args = [id_, token, scripts.toKey(id_)]
        self._accepted(id_, await self._release(keys=scripts.getKeys(RELEASE_KEYS), args=args))

    async def stalled(self, bucket: str) -> tuple[str, ...]:
        """Look for jobs whose worker is silent and let them wait again, the first in line; at most once per check."""
        interval_ms = max(1, int(self._config.stalled_check_s * 1000))
        moved = await self._queue(bucket).backend.moveStalledJobsToWait(self._config.max_stalls, interval_ms)
        return tuple(map(str, moved or ()))

    async def is_doomed(self, bucket: str, id_: str) -> bool:
        """Whether a waiting job has lost its worker too often."""
        return bool(await self._client.hexists(self._keys.of(bull_queue(bucket), id_), "defa"))

    async def remove(self, bucket: str, id_: str) -> bool:
        """Forget a job that no worker holds; False when one does."""
        return bool(await self._queue(bucket).backend.remove(id_, False))

    async def prioritise(self, bucket: str, id_: str, priority: int) -> None:
        """Give a job another priority."""
        scripts = self._queue(bucket).backend.scripts
        args = [priority, scripts.keys[""], id_, 0]
        await scripts.commands["changePriority"](keys=scripts.getKeys(PRIORITY_KEYS), args=args)

    def _job(self, bucket: str, id_: str) -> Any:
        return Job(self._queue(bucket), "job", {}, {"jobId": id_, "attempts": 1})

    @staticmethod
    def _accepted(id_: str, answer: object) -> None:
        # BullMQ answers -1 (no such job), -2 (no lock), -3 (not active) or -6 (another's lock) when the fence holds.
        if isinstance(answer, int) and answer < 0:
            raise LostClaim(f"another worker holds {id_} by now, or it is over; what this one made is refused")
