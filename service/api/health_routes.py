"""Routes for those who watch over the service, and the list of models."""

import asyncio
from typing import get_args

from fastapi import APIRouter, Request, Response

from schemas.music import DurationS
from schemas.soundtrack import Format
from service.api.admission import Reader
from service.api.describing import answers
from service.api.errors import NotReady
from service.api.parts import ApiParts, parts_of
from service.api.wire import Health, ModelCard, ModelList
from service.jobs.errors import QueueError
from service.store.port import StoreError

PATIENCE_S = 2.0
MAX_DURATION_S = next(
    float(rule.le) for field in get_args(DurationS) for rule in getattr(field, "metadata", ()) if hasattr(rule, "le")
)
JSON = "application/json"


def health_routes() -> APIRouter:
    """`/livez`, `/readyz`, `/metrics` and `/v1/models`."""
    router = APIRouter(tags=["service"])

    @router.get("/livez", responses=answers({200: Health}), summary="Whether this process answers")
    async def livez() -> Response:
        """Always, while it lives."""
        return Response(Health(status="ok").model_dump_json(), media_type=JSON)

    @router.get("/readyz", responses=answers({200: Health}), summary="Whether jobs are taken and made")
    async def readyz(request: Request) -> Response:
        """Ready when the queue answers, the store can be written, and a worker lives; else 503."""
        return Response((await readiness(parts_of(request))).model_dump_json(), media_type=JSON)

    @router.get("/metrics", responses=answers({200: "text/plain"}), summary="Metrics as Prometheus reads them")
    async def metrics(request: Request) -> Response:
        """Counters of this process and the state of the queue."""
        text, media_type = await rendered(parts_of(request))
        return Response(text, media_type=media_type)

    @router.get("/v1/models", responses=answers({200: ModelList}), summary="Models and their limits")
    async def models(request: Request, caller: Reader) -> Response:
        """The bundles that music can be made with."""
        del caller
        parts = parts_of(request)
        manifests = await asyncio.to_thread(parts.models)
        cards = tuple(
            ModelCard(
                id=m.name,
                version=m.version,
                licence=m.licence,
                engines=m.engines,
                max_duration_s=MAX_DURATION_S,
                formats=get_args(Format),
                data=m.data,
                metrics=m.metrics,
            )
            for m in manifests
        )
        return Response(ModelList(data=cards).model_dump_json(), media_type=JSON)

    return router


async def readiness(parts: ApiParts) -> Health:
    """Look at every part that a job needs.

    Raises:
        NotReady: naming the first part that is missing.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            await parts.queue.ping()
            workers = (await parts.queue.stats()).workers
            await parts.store.check()
    except TimeoutError as exc:
        raise NotReady(f"the queue or the store did not answer within {PATIENCE_S:g} s") from exc
    except (QueueError, StoreError) as exc:
        raise NotReady(str(exc)) from exc
    if workers < 1:
        raise NotReady("no worker lives; start one with `tonereel worker`")
    return Health(status="ready", parts={"queue": "ok", "store": "ok", "workers": str(workers)})


async def rendered(parts: ApiParts) -> tuple[bytes, str]:
    """All metrics and their media type; without those of the queue when it does not answer."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            parts.metrics.queue(await parts.queue.stats())
    except (TimeoutError, QueueError):
        parts.metrics.queue(None)
    return parts.metrics.render()
