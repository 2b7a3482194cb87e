"""The gate: from an Authorization header to a caller with a tenant, scopes and a quota."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from service.access.errors import BadKey, MissingKey, MissingScope, TooManyRequests
from service.access.key import SCOPES, ApiKey, Scope, looks_like_secret, sha256
from service.access.keyring import Keyring, today
from service.access.limit import Limiter, Quota, Rate
from service.records.port import Records, RecordsUnavailable
from service.settings import Settings

LOCAL_TENANT = "local"
CACHE_S = 3.0  # a revoked key works for so long at most; the promise is 5 s
CACHED_KEYS = 10_000
WRONG_KEYS = Rate(per_s=1.0, burst=20)  # of one client; right keys are not counted


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `quota` is None where nobody is counted; `key_id` where no key is asked for."""

    tenant: str
    key_id: str | None
    scopes: frozenset[Scope]
    max_outstanding: int
    quota: Quota | None = field(default=None, compare=False)


@dataclass(slots=True)
class _Remembered:
    key: ApiKey
    until_s: float
    noted: date | None


class Gate:
    """Lets requests in. Keys are remembered for three seconds, so that most requests cost one Redis call."""

    def __init__(
        self,
        records: Records,
        settings: Settings,
        limiter: Limiter,
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keyring, self._settings, self._limiter, self._now_s = Keyring(records), settings, limiter, now_s
        self._remembered: dict[str, _Remembered] = {}  # by hash: the secret itself stays nowhere

    async def admit(self, authorization: str | None, client: str, scope: Scope) -> Caller:
        """The caller behind an Authorization header, counted against its rate.

        Raises:
            MissingKey: there is no bearer key.
            BadKey: the key is unknown or revoked.
            MissingScope: the key is not for this.
            TooManyRequests: the key, or a client with wrong keys, asks too often.
            RecordsUnavailable, LimiterUnavailable: Redis does not answer.
        """
        if not self._settings.asks_for_keys:
            return Caller(LOCAL_TENANT, None, frozenset(SCOPES), self._settings.max_outstanding_per_key)
        key = await self._key_of(_secret_of(authorization), client)
        quota = await self._limiter.take(key.id, self._rate_of(key))
        if not quota.allowed:
            raise _refusal(quota)
        if scope not in key.scopes and "admin" not in key.scopes:
            raise MissingScope(f"this API key lacks the scope {scope}; make one that has it")
        most = key.max_outstanding or self._settings.max_outstanding_per_key
        return Caller(key.tenant, key.id, frozenset(key.scopes), most, quota)

    async def _key_of(self, secret: str, client: str) -> ApiKey:
        known = await self._lookup(secret) if looks_like_secret(secret) else None
        if known is None or known.key.revoked_at is not None:
            wrong = await self._limiter.take(f"wrong:{client}", WRONG_KEYS)
            if not wrong.allowed:
                raise _refusal(wrong)
            raise BadKey("the API key is unknown or revoked; send a valid one as `Authorization: Bearer sk_...`")
        day = today()
        if known.noted != day:
            known.noted = day
            with suppress(RecordsUnavailable):  # a missing date must not keep anybody out
                await self._keyring.note_use(known.key, day)
        return known.key

    async def _lookup(self, secret: str) -> _Remembered | None:
        name, now = sha256(secret), self._now_s()
        before = self._remembered.get(name)
        if before is not None and now < before.until_s:
            return before
        key = await self._keyring.find(secret)
        if key is None:
            self._remembered.pop(name, None)
            return None
        if len(self._remembered) >= CACHED_KEYS:
            self._remembered.clear()
        self._remembered[name] = _Remembered(key, now + CACHE_S, before.noted if before else None)
        return self._remembered[name]

    def _rate_of(self, key: ApiKey) -> Rate:
        return Rate(key.requests_per_s or self._settings.requests_per_s, key.burst or self._settings.request_burst)


def _secret_of(authorization: str | None) -> str:
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise MissingKey("an API key is needed; send it as `Authorization: Bearer sk_...`")
    return secret.strip()


def _refusal(quota: Quota) -> TooManyRequests:
    return TooManyRequests(quota.retry_after_s, quota.rate.burst, quota.remaining, quota.headers())
