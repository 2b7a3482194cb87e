"""How often somebody may ask: a token bucket as a virtual schedule (GCRA), in Redis and in memory."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.access.errors import LimiterUnavailable

US = 1_000_000

# KEYS[1] the bucket: its theoretical arrival time (TAT) in microseconds of the server's clock; lapses when it is full.
# ARGV: microseconds between tokens, tokens that fit. Answers {allowed, TAT - now}.
TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local gap, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
if tat + gap - now > gap * size then return {0, tat - now} end
tat = tat + gap
redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 1)
return {1, tat - now}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, `per_s` requests per second in the long run."""

    per_s: float
    burst: int

    @property
    def gap_us(self) -> int:
        """Microseconds between two tokens."""
        return max(1, round(US / self.per_s))


@dataclass(frozen=True, slots=True)
class Quota:
    """What a bucket holds after a request: `remaining` tokens, full again after `full_in_s`."""

    rate: Rate
    allowed: bool
    remaining: int
    retry_after_s: float
    full_in_s: float

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), `Retry-After` if refused."""
        window_s = max(1, math.ceil(self.rate.burst / self.rate.per_s))
        fields = {
            "RateLimit-Policy": f'"requests";q={self.rate.burst};w={window_s}',
            "RateLimit": f'"requests";r={self.remaining};t={math.ceil(self.full_in_s)}',
        }
        return fields if self.allowed else {**fields, "Retry-After": str(math.ceil(self.retry_after_s))}


class Limiter(Protocol):
    """Buckets by name."""

    async def take(self, name: str, rate: Rate) -> Quota:
        """Take one token if there is one; raises LimiterUnavailable."""


class RedisLimiter:
    """Buckets in Redis under `{prefix}:rate:{name}`, by the server's clock: one for all processes."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix

    async def take(self, name: str, rate: Rate) -> Quota:
        """Take one token if there is one; raises LimiterUnavailable."""
        try:
            allowed, ahead_us = await self._redis.eval(
                TAKE, 1, f"{self._prefix}:rate:{name}", str(rate.gap_us), str(rate.burst)
            )
        except (RedisError, OSError) as exc:
            raise LimiterUnavailable("Redis does not answer; try again in a few seconds") from exc
        return _quota(rate, bool(allowed), int(ahead_us))


class MemoryLimiter:
    """Buckets of one process; `now_s` is its clock."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s, self._tats_us = now_s, dict[str, int]()

    async def take(self, name: str, rate: Rate) -> Quota:
        """Take one token if there is one."""
        now = int(self._now_s() * US)
        tat = max(self._tats_us.get(name, now), now)
        allowed = tat + rate.gap_us - now <= rate.gap_us * rate.burst
        if allowed:
            tat += rate.gap_us
            self._tats_us[name] = tat
        return _quota(rate, allowed, tat - now)


def _quota(rate: Rate, allowed: bool, ahead_us: int) -> Quota:
    """What a bucket says whose schedule runs `ahead_us` ahead of the clock."""
    room_us = rate.gap_us * rate.burst - ahead_us
    retry_after_s = 0.0 if allowed else max(0.0, rate.gap_us - room_us) / US
    return Quota(rate, allowed, max(0, room_us // rate.gap_us), retry_after_s, max(0.0, ahead_us) / US)
