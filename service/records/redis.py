"""Records in Redis. All keys begin with `{queue_name}`, whose braces put them into one slot of a Redis Cluster.

| Key after `{queue_name}:records:` | Type | What | Lives |
|---|---|---|---|
| `KIND:is:ID` | hash | a record: `tenant`, `body` | its time to live |
| `KIND:all` | zset | ids of the kind by microsecond of first writing | entries as long as the record |
| `KIND:of:TENANT` | zset | a tenant's ids, the same way | entries as long as the record |
| `KIND:lapses` | zset | `LENGTH:TENANT` and the id, by millisecond of lapsing | entries as long as the record |
| `KIND:mark:ID` | string | a mark that somebody has taken | its time to live |

Redis drops a record by itself; its index entries are dropped by the next `put` or `list` of the kind. Times are the
server's, so clocks of processes may differ.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Self, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.jobs.link import link
from service.records.port import Record, RecordsUnavailable
from service.records.rules import check_kind, check_record, check_ttl, unknown

ANSWER_S = 1.9  # one operation, with all its round trips; people wait for it
PRUNE_AT_ONCE, READ_AT_ONCE = 200, 100

_COMMON = """
local base, now = KEYS[1], redis.call('TIME')
local now_us = now[1] * 1000000 + now[2]
local now_ms = math.floor(now_us / 1000)
local function lapse_name(tenant, id) return #tenant .. ':' .. tenant .. id end
local function unlist(tenant, id)
  redis.call('ZREM', base .. ':all', id)
  redis.call('ZREM', base .. ':of:' .. tenant, id)
  redis.call('ZREM', base .. ':lapses', lapse_name(tenant, id))
end
local function prune(most)
  local over = redis.call('ZRANGEBYSCORE', base .. ':lapses', '-inf', now_ms, 'LIMIT', 0, most)
  local dropped = 0
  for _, name in ipairs(over) do
    local length, rest = string.match(name, '^(%d+):(.*)$')
    local tenant, id = string.sub(rest, 1, length), string.sub(rest, length + 1)
    if redis.call('EXISTS', base .. ':is:' .. id) == 0 then
      unlist(tenant, id)
      dropped = dropped + 1
    end
  end
  return dropped
end
"""
_PUT = (
    _COMMON
    + """
local id, tenant, body, ttl_s = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local key, since = base .. ':is:' .. id, string.format('%.0f', now_us)
local owner = redis.call('HGET', key, 'tenant')
prune(tonumber(ARGV[5]))
if owner then
  since = redis.call('ZSCORE', base .. ':all', id) or since
  unlist(owner, id)
end
redis.call('DEL', key)
redis.call('HSET', key, 'tenant', tenant, 'body', body)
redis.call('ZADD', base .. ':all', since, id)
redis.call('ZADD', base .. ':of:' .. tenant, since, id)
if ttl_s > 0 then
  redis.call('PEXPIREAT', key, now_ms + ttl_s * 1000)
  redis.call('ZADD', base .. ':lapses', now_ms + ttl_s * 1000, lapse_name(tenant, id))
end
"""
)
_DELETE = (
    _COMMON
    + """
local id, wanted = ARGV[1], ARGV[2]
local owner = redis.call('HGET', base .. ':is:' .. id, 'tenant')
if not owner or (ARGV[3] == '1' and owner ~= wanted) then return 0 end
unlist(owner, id)
return redis.call('DEL', base .. ':is:' .. id)
"""
)
_PRUNE = _COMMON + "return prune(tonumber(ARGV[1]))"


class RedisRecords:
    """Records that all processes of one Redis share; where two keys change together, a script changes them."""

    def __init__(self, redis: Redis, queue_name: str) -> None:
        self._redis: Any = redis  # its commands are typed as "a value or an awaitable of it"
        self._prefix = f"{{{queue_name}}}:records"
        self._put_script, self._delete_script, self._prune_script = map(redis.register_script, (_PUT, _DELETE, _PRUNE))

    @classmethod
    def connect(cls, url: str, queue_name: str) -> Self:
        """Records at `redis://`, `rediss://` or `unix://`; connects on first use. Raises ValueError for another url."""
        return cls(link(url, ANSWER_S), queue_name)

    async def put(self, record: Record, *, ttl_s: int | None) -> None:
        """Write a record, or write over it; None keeps it until it is deleted."""
        check_record(record, ttl_s)
        given = (record.id, record.tenant, record.body, ttl_s or 0, PRUNE_AT_ONCE)
        async with _answering():
            await self._put_script(keys=[self._base(record.kind)], args=given)

    async def get(self, kind: str, id_: str, *, tenant: str | None) -> Record:
        """A record; a tenant other than its own does not see it (None sees all). Raises UnknownRecord."""
        async with _answering():
            found = next(iter(await self._read(kind, [id_])), None)
        if found is None or tenant not in {None, found.tenant}:
            raise unknown(kind, id_)
        return found

    async def list(self, kind: str, *, tenant: str | None) -> tuple[Record, ...]:
        """All records of a kind that a tenant owns (None: everybody's), newest first."""
        base = self._base(kind)
        index = f"{base}:all" if tenant is None else f"{base}:of:{tenant}"
        found: list[Record] = []
        async with _answering():
            while await self._prune_script(keys=[base], args=[PRUNE_AT_ONCE]) == PRUNE_AT_ONCE:
                pass
            ids = cast("list[str]", await self._redis.zrange(index, 0, -1, desc=True))
            for at in range(0, len(ids), READ_AT_ONCE):
                found += await self._read(kind, ids[at : at + READ_AT_ONCE])
        return tuple(r for r in found if tenant in {None, r.tenant})

    async def delete(self, kind: str, id_: str, *, tenant: str | None) -> None:
        """Forget a record; raises UnknownRecord."""
        given = (id_, tenant or "", int(tenant is not None))
        async with _answering():
            done = await self._delete_script(keys=[self._base(kind)], args=given)
        if not done:
            raise unknown(kind, id_)

    async def take(self, kind: str, id_: str, *, ttl_s: int) -> bool:
        """Set a mark if it is not set: True for exactly one of all who ask until it lapses."""
        check_ttl(ttl_s)
        async with _answering():
            return bool(await self._redis.set(f"{self._base(kind)}:mark:{id_}", "1", nx=True, ex=ttl_s))

    async def close(self) -> None:
        """Let go of connections."""
        await self._redis.aclose()

    def _base(self, kind: str) -> str:
        check_kind(kind)
        return f"{self._prefix}:{kind}"

    async def _read(self, kind: str, ids: Iterable[str]) -> tuple[Record, ...]:
        """Those of the ids that are there, in one round trip."""
        base, asked = self._base(kind), list(ids)
        async with self._redis.pipeline(transaction=False) as together:
            for id_ in asked:
                together.hmget(f"{base}:is:{id_}", "tenant", "body")
            rows = cast("list[list[str | None]]", await together.execute())
        return tuple(
            Record(kind, id_, tenant, body)
            for id_, (tenant, body) in zip(asked, rows, strict=True)
            if tenant is not None and body is not None
        )


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Say RecordsUnavailable, within two seconds, for whatever keeps Redis from answering."""
    try:
        async with asyncio.timeout(ANSWER_S):
            yield
    except (RedisError, OSError, TimeoutError) as exc:
        why = type(exc).__name__  # never the message: it may hold the address with its password
        raise RecordsUnavailable(f"Redis does not answer ({why}); check that it runs and TONEREEL_REDIS_URL") from exc
