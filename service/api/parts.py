"""What the API is made of; one composition builds the real parts, tests build their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fastapi import Request

from schemas.manifest import Manifest
from service.access.gate import Caller
from service.access.key import Scope
from service.jobs.port import JobQueue
from service.observe.metrics import Metrics
from service.observe.tracing import NoTracing, Tracing
from service.records.port import Records
from service.settings import Settings
from service.store.port import ArtifactStore

CheckUrl = Callable[[str], Awaitable[object]]


class Gatekeeper(Protocol):
    """Lets requests in, or raises an error of `service.access.errors`."""

    async def admit(self, authorization: str | None, client: str, scope: Scope) -> Caller:
        """The caller behind an Authorization header."""


@dataclass(frozen=True, slots=True)
class ApiParts:
    """The collaborators of every route. `check_url` raises for addresses that must not be fetched."""

    settings: Settings
    queue: JobQueue
    store: ArtifactStore
    records: Records
    access: Gatekeeper
    check_url: CheckUrl
    models: Callable[[], tuple[Manifest, ...]]
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=NoTracing)

    @property
    def incoming(self) -> Path:
        """The folder where uploads are kept until they are in the store."""
        return self.settings.data_dir / "incoming"


def parts_of(request: Request) -> ApiParts:
    """The parts of the application that answers a request."""
    parts = request.app.state.parts
    if not isinstance(parts, ApiParts):
        raise TypeError("the application was not started; run its lifespan first")
    return parts
