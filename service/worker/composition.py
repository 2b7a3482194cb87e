"""The one place where the parts of a worker are built from its settings."""

import asyncio
from collections.abc import Callable

from service.settings import Settings

SCORE_ENGINE = "service.worker.score:ScoreEngineHost"


async def run_worker(settings: Settings, engine: str = SCORE_ENGINE, *, ready: Callable[[str], None]) -> None:
    """Be a worker until SIGTERM, with its queue, store and records as the settings name them.

    Raises:
        BadInput: when a setting does not fit, for example no Redis is named.
        BadWeights: when the bundle is not usable.
    """
    from service.jobs.composition import queue_of
    from service.net.egress import egress_from
    from service.observe.metrics import Metrics
    from service.observe.tracing import tracing_to
    from service.records.composition import records_of
    from service.store.composition import store_of
    from service.worker.shop import Ports
    from service.worker.supervisor import work

    metrics = Metrics()
    if settings.metrics_port is not None:
        metrics.serve(settings.metrics_port)
    queue, records = queue_of(settings), records_of(settings)
    tracing = tracing_to(settings.otlp_endpoint, service="tonereel-worker")
    try:
        ports = Ports(queue, queue, store_of(settings), records, egress_from(settings).fetch, metrics, tracing)
        await work(ports, settings, engine, ready=ready)
    finally:
        await records.close()
        await queue.close()
        await asyncio.to_thread(tracing.close)  # sends what is left
