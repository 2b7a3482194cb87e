"""What the two sides of the Redis queue share: connection, keys, scripts, BullMQ, wake-up calls."""

from typing import Any, Self

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from service.jobs.config import PRIORITY_OF, QueueConfig
from service.jobs.engine import Engine
from service.jobs.errors import UnknownJob
from service.jobs.keys import Keys
from service.jobs.link import is_wrong_type, link, reaching
from service.jobs.port import JobRecord
from service.jobs.records import CorruptRecord, corrupt_problem, record_of
from service.jobs.scripts import Scripts
from service.jobs.wakes import Wakes


class Board:
    """One connection's worth of queue, for one event loop."""

    def __init__(self, client: Redis, config: QueueConfig) -> None:
        self.config, self.keys = config, Keys(config.name)
        self.redis: Any = client  # redis-py types every answer as "perhaps awaitable"
        self.scripts, self.engine = Scripts(client, config), Engine(client, config)
        self.wakes = Wakes(client, self.keys.of("wake"))

    @classmethod
    def connect(cls, url: str, config: QueueConfig) -> Self:
        """A board that connects on first use."""
        return cls(link(url, config.answer_s), config)

    async def now_us(self) -> int:
        """The server's clock in microseconds: the only one that counts here."""
        seconds, micros = await self.redis.time()
        return int(seconds) * 1_000_000 + int(micros)

    async def record(self, job_id: str) -> JobRecord:
        """A job's record; one that cannot be read is ended as corrupt first. Raises UnknownJob."""
        try:
            return record_of(await self._fields(job_id))
        except CorruptRecord as exc:
            await self.bury(job_id, str(exc))
        except ResponseError as exc:
            if not is_wrong_type(exc):
                raise
            await self.bury(job_id, "the record is no hash")
        return record_of(await self._fields(job_id))

    async def bury(self, job_id: str, why: str, *, bucket: str | None = None) -> bool:
        """End a job whose entry cannot be read, and take it out of BullMQ; False when it had ended before."""
        if bucket is None:
            _, bucket = await self.scripts.cancel(job_id)
        if bucket:
            await self.scripts.purge(bucket, job_id)
        return await self.scripts.finish(job_id, "failed", problem=corrupt_problem(why).model_dump_json())

    async def enqueue(self, job_id: str, *, bucket: str, priority: str, now_ms: int) -> None:
        """Give an admitted job to BullMQ; doing it twice does nothing more."""
        await self.engine.add(bucket, job_id, priority=PRIORITY_OF[priority], now_ms=now_ms)
        await self.scripts.confirm(job_id)

    async def enqueue_again(self, job_id: str) -> bool:
        """Finish an acceptance that a crash left half-done; False for a job that does not wait."""
        status, bucket, priority = await self.redis.hmget(self.keys.of("job", job_id), "status", "bucket", "priority")
        if status != "queued" or not bucket:
            return False
        known, now_ms = "batch" if priority == "batch" else "interactive", await self.now_us() // 1000
        await self.enqueue(job_id, bucket=bucket, priority=known, now_ms=now_ms)
        return True

    async def end_unclaimed(self, job_id: str, bucket: str) -> bool:
        """Cancel a job that no worker holds; False when one does, or when it had ended before."""
        if bucket and not await self.engine.remove(bucket, job_id):
            return False
        return await self.scripts.finish(job_id, "cancelled")

    async def close(self) -> None:
        """Let go of connections."""
        await self.wakes.close()
        with reaching():
            await self.redis.aclose(close_connection_pool=True)

    async def _fields(self, job_id: str) -> dict[str, str]:
        fields: dict[str, str] = await self.redis.hgetall(self.keys.of("job", job_id))
        if not fields:
            raise unknown(job_id)
        return fields


def unknown(job_id: str) -> UnknownJob:
    """The error for a job that is not there."""
    return UnknownJob(f"there is no job {job_id}; it never was, was deleted, or is kept no longer")
