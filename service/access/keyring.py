"""The keys of everybody, kept as records: made, found, listed and revoked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import ValidationError

from service.access.errors import UnknownKey
from service.access.key import ApiKey, Scope, key_id, new_secret, sha256
from service.errors import BadInput
from service.records.port import Record, Records, UnknownRecord

KEY, LAST_USE = "api_key", "api_key_use"
LAST_USE_TTL_S = 400 * 86_400


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What one key may do; None takes the service's setting."""

    requests_per_s: float | None = None
    burst: int | None = None
    max_outstanding: int | None = None


class Keyring:
    """API keys in the records. Secrets are never kept: only their hashes are."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def create(
        self, name: str, tenant: str, scopes: Sequence[Scope], *, limits: KeyLimits = KeyLimits()
    ) -> tuple[ApiKey, str]:
        """Make a key; the second result is its secret, which cannot be had again.

        Raises:
            BadInput: the tenant or a limit is out of range.
        """
        secret = new_secret()
        try:
            key = ApiKey(
                id=key_id(secret),
                name=name,
                tenant=tenant,
                scopes=tuple(dict.fromkeys(scopes)),
                secret_sha256=sha256(secret),
                requests_per_s=limits.requests_per_s,
                burst=limits.burst,
                max_outstanding=limits.max_outstanding,
                created_at=time.time(),
            )
        except ValidationError as exc:
            first = exc.errors()[0]
            raise BadInput(f"{'.'.join(map(str, first['loc']))} of the API key: {first['msg']}") from exc
        await self._put(key)
        return key, secret

    async def find(self, secret: str) -> ApiKey | None:
        """The key of a secret, revoked or not; None when there is none."""
        try:
            key = await self.get(key_id(secret))
        except UnknownKey:
            return None
        return key if key.is_of(secret) else None

    async def get(self, id_: str) -> ApiKey:
        """A key by its id; raises UnknownKey."""
        try:
            record = await self._records.get(KEY, id_, tenant=None)
        except UnknownRecord as exc:
            raise UnknownKey(f"there is no API key {id_}; `tonereel keys list` names those that are") from exc
        return ApiKey.model_validate_json(record.body)

    async def all(self) -> tuple[ApiKey, ...]:
        """Every key, newest first."""
        keys = [ApiKey.model_validate_json(r.body) for r in await self._records.list(KEY, tenant=None)]
        return tuple(sorted(keys, key=lambda key: -key.created_at))

    async def revoke(self, id_: str) -> ApiKey:
        """Make a key useless, within the time that gates remember keys for; raises UnknownKey."""
        key = await self.get(id_)
        if key.revoked_at is None:
            key = key.model_copy(update={"revoked_at": time.time()})
            await self._put(key)
        return key

    async def note_use(self, key: ApiKey, day: date) -> None:
        """Remember the day of a key's last use, beside the key so that this can never undo a revocation."""
        await self._records.put(Record(LAST_USE, key.id, key.tenant, f'"{day.isoformat()}"'), ttl_s=LAST_USE_TTL_S)

    async def last_uses(self) -> dict[str, date]:
        """The day on which each key was last used, by key id; keys never used are absent."""
        records = await self._records.list(LAST_USE, tenant=None)
        return {r.id: date.fromisoformat(r.body.strip('"')) for r in records}

    async def _put(self, key: ApiKey) -> None:
        await self._records.put(Record(KEY, key.id, key.tenant, key.model_dump_json()), ttl_s=None)


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()
