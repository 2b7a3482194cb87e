"""The connection to Redis: few connections, short timeouts, no silent retries, errors in the queue's own words."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.jobs.errors import QueueUnavailable

MAX_CONNECTIONS = 32
AWAY = (RedisConnectionError, RedisTimeoutError, OSError, asyncio.TimeoutError)
REFUSALS = ("OOM", "READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "MISCONF", "BUSY")


class _Heeding(AbstractConnection):
    """A connection that hears every cancellation.

    redis-py sends with `asyncio.wait_for`, which in Python 3.11 keeps a cancellation to itself that comes in the turn
    of the loop in which the bytes are out (python/cpython#86296): whoever was cancelled would go on, perhaps for good.
    """

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        before = _cancellations()
        await super().send_packed_command(command, check_health)
        if _cancellations() > before:
            await self.disconnect(nowait=True)  # its answer will be read by nobody
            raise asyncio.CancelledError


def _cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _heeding(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    return type(f"Heeding{kind.__name__}", (_Heeding, kind), {})


class _PatientPool(BlockingConnectionPool):
    """Lets callers in one by one, and waits for as long as others are answered: a crowd is no outage."""

    def __init__(self, **options: Any) -> None:
        kind = options.pop("connection_class", Connection)  # over TCP, TLS or a unix socket, as the address says
        super().__init__(connection_class=_heeding(kind), **options)
        self._gate = asyncio.Semaphore(MAX_CONNECTIONS)
        self._lent: set[AbstractConnection] = set()
        self._answers = 0

    async def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> AbstractConnection:
        await self._enter()
        try:
            connection: AbstractConnection = await super().get_connection()  # type: ignore[no-untyped-call]
        except BaseException:
            self._gate.release()
            raise
        self._lent.add(connection)
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        answered = connection.is_connected
        await super().release(connection)
        if connection in self._lent:
            self._lent.discard(connection)
            self._answers += answered
            self._gate.release()

    async def _enter(self) -> None:
        while True:
            seen = self._answers
            try:
                async with asyncio.timeout(self.timeout):
                    await self._gate.acquire()
            except TimeoutError:
                if self._answers == seen:
                    raise RedisConnectionError("no command is answered") from None
            else:
                return


def link(url: str, answer_s: float) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`; connects on first use.

    A command is never repeated behind the caller's back: it may have been done although its answer was lost.
    """
    pool = _PatientPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=answer_s,
        decode_responses=True,
        socket_timeout=answer_s,
        socket_connect_timeout=answer_s,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


@contextmanager
def reaching() -> Iterator[None]:
    """Say QueueUnavailable for everything that means that Redis does not answer or takes no writes."""
    try:
        yield
    except AWAY as exc:
        raise QueueUnavailable(
            f"Redis does not answer ({_why(exc)}); check that it runs, and TONEREEL_REDIS_URL"
        ) from exc
    except ResponseError as exc:
        if not any(word in str(exc) for word in REFUSALS):
            raise
        raise QueueUnavailable(f"Redis takes no writes ({_why(exc)}); mend that, or change TONEREEL_REDIS_URL") from exc


def is_wrong_type(error: ResponseError) -> bool:
    """Whether a key held something else than what it should, which is damage and not an outage."""
    return "WRONGTYPE" in str(error)


def _why(error: BaseException) -> str:
    if isinstance(error, RedisError | OSError) and str(error):
        return str(error).splitlines()[0]
    return type(error).__name__
