"""The one place where the parts of an API process are built from its settings."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr
from starlette.applications import Starlette

from service.api.late import late_app
from service.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from redis.asyncio import Redis

    from service.api.parts import ApiParts
    from service.net.egress import Egress
    from service.webhooks.deliverer import Deliverer

TEND_S = 1.0


@asynccontextmanager
async def api_parts(settings: Settings, redis: "Redis", egress: "Egress") -> AsyncIterator["ApiParts"]:
    """The real parts, closed at the end; `settings.redis_url` must be set, nothing is connected to yet.

    Raises:
        BadInput: a setting does not fit.
    """
    from service.access.gate import Gate
    from service.access.limit import RedisLimiter
    from service.api.parts import ApiParts
    from service.bundle import bundle_folder, read_manifest
    from service.jobs.composition import queue_of
    from service.observe.tracing import tracing_to
    from service.records.composition import records_of
    from service.store.composition import store_of

    async with AsyncExitStack() as closing:
        queue, records = queue_of(settings), records_of(settings)
        closing.push_async_callback(queue.close)
        closing.push_async_callback(records.close)
        tracing = tracing_to(settings.otlp_endpoint, service="tonereel-api")
        closing.callback(tracing.close)
        yield ApiParts(
            settings=settings,
            queue=queue,
            store=store_of(settings),
            records=records,
            access=Gate(records, settings, RedisLimiter(redis, settings.queue_name)),
            check_url=egress.check_url,
            models=lambda: (read_manifest(bundle_folder(os.environ)),),
            tracing=tracing,
        )


@asynccontextmanager
async def opened_app(settings: Settings, egress: "Egress | None" = None) -> AsyncIterator["FastAPI"]:
    """The whole API: with the embedded Redis if no other is named, and a sender of webhooks beside it.

    `egress` is the way out, by default as the settings have it.
    """
    from service.api.admission import webhook_keeper
    from service.api.app import create_app
    from service.jobs.link import link
    from service.net.egress import egress_from
    from service.serve.machine import redis_of
    from service.webhooks.herald import Herald
    from service.webhooks.routes import webhook_router

    with redis_of(settings, settings.data_dir.absolute()) as server:
        settings = settings.model_copy(update={"redis_url": SecretStr(server.url)})
        redis, egress = link(server.url, 1.0), egress or egress_from(settings)
        async with api_parts(settings, redis, egress) as parts:
            deliverer = _deliverer(parts, redis, egress)
            works = (deliverer.run(), Herald(parts.queue, deliverer).run(), _tend(server.tend))
            beside = [asyncio.create_task(work) for work in works]
            try:
                yield create_app(parts, [webhook_router(deliverer, webhook_keeper)])
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                with suppress(Exception):  # a Redis that is gone needs no goodbye
                    await redis.aclose()


def api_app(read: Callable[[], Settings]) -> Starlette:
    """The API as an application that reads its settings and opens its parts when a server starts it."""
    return late_app(lambda: opened_app(read()))


def _deliverer(parts: "ApiParts", redis: "Redis", egress: "Egress") -> "Deliverer":
    from service.webhooks.deliverer import Deliverer
    from service.webhooks.endpoint import Endpoints
    from service.webhooks.redis_deliveries import RedisDeliveries
    from service.webhooks.seal import seal_from

    settings = parts.settings
    deliveries = RedisDeliveries(redis, settings.queue_name, job_ttl_s=settings.job_ttl_s)
    endpoints = Endpoints(parts.records, seal_from(settings), egress)
    return Deliverer(endpoints, deliveries, egress, count=parts.metrics.delivered)


async def _tend(tend: Callable[[], None]) -> None:
    """Start the embedded Redis again should it die; it must be done from this thread, whose end ends it."""
    while True:
        await asyncio.sleep(TEND_S)
        tend()
