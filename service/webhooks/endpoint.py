"""Endpoints: who is told what, kept as records, their secrets sealed."""

import json
import time
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from service.ids import new_id
from service.jobs.port import JobRecord
from service.net.egress import Egress
from service.records.port import Record, Records, UnknownRecord
from service.webhooks.errors import TooManyEndpoints, UnknownEndpoint
from service.webhooks.event import Event
from service.webhooks.seal import Seal
from service.webhooks.signature import new_secret

ENDPOINT, DISABLED = "webhook_endpoint", "webhook_disabled"
MAX_ENDPOINTS = 20  # of one tenant
MAX_SECRETS = 3
OVERLAP_S = 24 * 3600  # after a rotation the old secret signs as well for so long


class SealedSecret(BaseModel):
    """A secret as it is stored, and until when (unix seconds) it signs; None: until it is rotated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sealed: str = Field(repr=False)
    until: float | None = None


class Endpoint(BaseModel):
    """Where a tenant wants to be told. `every_job`: also of jobs that name no endpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    tenant: str
    url: str
    events: tuple[Event, ...]
    every_job: bool
    secrets: tuple[SealedSecret, ...]
    created_at: float
    disabled: str | None = Field(default=None, exclude=True)


class Endpoints:
    """All endpoints. Whether one is disabled is a record beside it, so that no two writers can undo each other."""

    def __init__(self, records: Records, seal: Seal, egress: Egress) -> None:
        self._records, self._seal, self._egress = records, seal, egress

    async def create(
        self, tenant: str, url: str, *, events: Sequence[Event], every_job: bool = True
    ) -> tuple[Endpoint, str]:
        """Make an endpoint; the second result is its secret, which cannot be had again.

        Raises:
            ForbiddenAddress, FetchFailed: the URL may not be posted to.
            TooManyEndpoints: the tenant has its fill.
        """
        await self._egress.check_url(url)
        if len(await self._records.list(ENDPOINT, tenant=tenant)) >= MAX_ENDPOINTS:
            raise TooManyEndpoints(f"there are {MAX_ENDPOINTS} webhook endpoints already; delete one first")
        id_, secret = new_id("we"), new_secret()
        endpoint = Endpoint(
            id=id_,
            tenant=tenant,
            url=url,
            events=tuple(dict.fromkeys(events)),
            every_job=every_job,
            secrets=(SealedSecret(sealed=self._seal.shut(secret, id_)),),
            created_at=time.time(),
        )
        await self._put(endpoint)
        return endpoint, secret

    async def get(self, id_: str, *, tenant: str | None) -> Endpoint:
        """An endpoint; raises UnknownEndpoint, also when it is another tenant's (None sees all)."""
        try:
            record = await self._records.get(ENDPOINT, id_, tenant=tenant)
        except UnknownRecord as exc:
            raise UnknownEndpoint(f"there is no webhook endpoint {id_}") from exc
        endpoint = Endpoint.model_validate_json(record.body)
        try:
            mark = await self._records.get(DISABLED, id_, tenant=None)
        except UnknownRecord:
            return endpoint
        return endpoint.model_copy(update={"disabled": json.loads(mark.body)})

    async def all(self, tenant: str) -> tuple[Endpoint, ...]:
        """A tenant's endpoints, newest first."""
        reasons = {r.id: json.loads(r.body) for r in await self._records.list(DISABLED, tenant=tenant)}
        records = await self._records.list(ENDPOINT, tenant=tenant)
        found = [Endpoint.model_validate_json(record.body) for record in records]
        return tuple(e.model_copy(update={"disabled": reasons.get(e.id)}) for e in found)

    async def listening(self, job: JobRecord, event: Event) -> tuple[Endpoint, ...]:
        """Who is told of a job's end: the endpoint that its request names and no other, else those for every job."""
        wanted = job.request.webhook
        return tuple(
            e
            for e in await self.all(job.tenant)
            if e.disabled is None and event in e.events and (e.id == wanted if wanted is not None else e.every_job)
        )

    async def delete(self, id_: str, *, tenant: str) -> None:
        """Forget an endpoint; raises UnknownEndpoint."""
        await self.get(id_, tenant=tenant)
        await self._forget(ENDPOINT, id_)
        await self._forget(DISABLED, id_)

    async def rotate(self, id_: str, *, tenant: str) -> tuple[Endpoint, str]:
        """Give an endpoint a new secret, once more the second result; for a day the old one signs beside it."""
        endpoint, secret, now = await self.get(id_, tenant=tenant), new_secret(), time.time()
        kept = [
            s.model_copy(update={"until": now + OVERLAP_S}) if s.until is None else s
            for s in endpoint.secrets
            if s.until is None or s.until > now
        ]
        fresh = SealedSecret(sealed=self._seal.shut(secret, id_))
        endpoint = endpoint.model_copy(update={"secrets": (fresh, *kept)[:MAX_SECRETS]})
        await self._put(endpoint)
        return endpoint, secret

    async def disable(self, endpoint: Endpoint, reason: str) -> None:
        """Send nothing to an endpoint any more."""
        await self._records.put(Record(DISABLED, endpoint.id, endpoint.tenant, json.dumps(reason)), ttl_s=None)

    async def enable(self, id_: str, *, tenant: str) -> Endpoint:
        """Send to a disabled endpoint again; raises UnknownEndpoint."""
        endpoint = await self.get(id_, tenant=tenant)
        await self._forget(DISABLED, id_)
        return endpoint.model_copy(update={"disabled": None})

    def secrets_of(self, endpoint: Endpoint) -> list[str]:
        """The secrets that sign now, the newest first; raises SecretUnreadable."""
        now = time.time()
        return [self._seal.open(s.sealed, endpoint.id) for s in endpoint.secrets if s.until is None or s.until > now]

    async def _put(self, endpoint: Endpoint) -> None:
        await self._records.put(Record(ENDPOINT, endpoint.id, endpoint.tenant, endpoint.model_dump_json()), ttl_s=None)

    async def _forget(self, kind: str, id_: str) -> None:
        try:
            await self._records.delete(kind, id_, tenant=None)
        except UnknownRecord:
            return
