"""Wake-up calls: one subscription per process, however many clients wait for news of however many jobs."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

LISTEN_S, RETRY_S = 5.0, 0.25


class Bell:
    """Rings when there may be news; a ring that nobody waits for is kept until the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._rung.set()

    async def wait(self, timeout_s: float) -> bool:
        """True when it rang since the last wait, or rings in time."""
        try:
            async with asyncio.timeout(max(timeout_s, 0.0)):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Wakes:
    """Bells by topic (a job's id, or `keys.WORK`). All ring when the subscription was interrupted."""

    def __init__(self, client: Redis, channel: str) -> None:
        self._client, self._channel = client, channel
        self._bells: dict[str, set[Bell]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def on(self, topic: str) -> Iterator[Bell]:
        """A bell for a topic while the block lasts. Look for news after this, then wait: nothing is missed."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._listen())
        bell = Bell()
        self._bells[topic].add(bell)
        try:
            yield bell
        finally:
            self._bells[topic].discard(bell)
            if not self._bells[topic]:
                del self._bells[topic]

    async def close(self) -> None:
        """Stop listening."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _listen(self) -> None:
        while not self._closed:
            with suppress(RedisError, OSError, RuntimeError):
                async with self._client.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(self._channel)
                    self._ring_all()
                    while not self._closed:
                        message = await subscription.get_message(timeout=LISTEN_S)
                        if message is not None:
                            self._ring(str(message["data"]))
            await asyncio.sleep(RETRY_S)

    def _ring(self, topic: str) -> None:
        for bell in self._bells.get(topic, ()):
            bell.ring()

    def _ring_all(self) -> None:
        for topic in list(self._bells):
            self._ring(topic)
