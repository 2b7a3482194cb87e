"""Metrics as Prometheus reads them, in a registry of their own; passed to whoever has something to count."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.report import Report
from service.jobs.port import QueueStats

STAGE_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
SPEED = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # seconds of music made in a second


class Metrics:
    """Counts what happens in one process. Names are `tonereel_...`; labels have few values, never ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._queue = _Queue()
        self.registry.register(self._queue)
        self._measure_work()
        self._measure_traffic()

    def _measure_work(self) -> None:
        registry = self.registry
        self._stage = Histogram(
            "tonereel_stage_seconds", "Time of each stage of a job.", ("stage",), buckets=STAGE_S, registry=registry
        )
        self._speed = Histogram(
            "tonereel_real_time_factor", "Seconds of music per second of work.", buckets=SPEED, registry=registry
        )
        self._ended = Counter(
            "tonereel_jobs_ended", "Jobs that ended, by how and why.", ("status", "code"), registry=registry
        )
        self._restarts = Counter(
            "tonereel_child_restarts", "Model processes that were started anew.", ("reason",), registry=registry
        )

    def _measure_traffic(self) -> None:
        registry = self.registry
        self._requests = Counter(
            "tonereel_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._latency = Histogram(
            "tonereel_http_request_seconds",
            "Time to the end of the answer; streams of events are left out.",
            ("route", "method"),
            buckets=REQUEST_S,
            registry=registry,
        )
        self._uploads = Counter("tonereel_upload_bytes", "Bytes of media received.", registry=registry)
        self._webhooks = Counter(
            "tonereel_webhook_deliveries", "Webhook deliveries tried.", ("outcome",), registry=registry
        )

    def queue(self, stats: QueueStats | None) -> None:
        """Take over how much there is to do; the API does so before every `render`, with None when nobody knows."""
        self._queue.stats = stats

    def made(self, report: Report) -> None:
        """Count the stages and the speed of one take."""
        for stage in report.stages:
            self._stage.labels(stage.name).observe(stage.seconds)
        self._speed.observe(report.real_time_factor)

    def ended(self, status: str, code: str | None = None) -> None:
        """Count a job that ended; `code` is that of its problem."""
        self._ended.labels(status, code or "none").inc()

    def child_restarted(self, reason: str) -> None:
        """Count a model process that had to be started anew: `crashed`, `timeout`, `cancelled`."""
        self._restarts.labels(reason).inc()

    def answered(self, route: str, method: str, status: int, seconds: float | None) -> None:
        """Count a request by its route's template, never by its path; `seconds` None: a stream."""
        self._requests.labels(route, method, str(status)).inc()
        if seconds is not None:
            self._latency.labels(route, method).observe(seconds)

    def uploaded(self, n_bytes: int) -> None:
        """Count bytes of media that came in."""
        self._uploads.inc(n_bytes)

    def delivered(self, outcome: str) -> None:
        """Count a try to deliver a webhook: `delivered`, `failed` (it is tried again) or `gave_up`."""
        self._webhooks.labels(outcome).inc()

    def render(self) -> tuple[bytes, str]:
        """All metrics as text, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def serve(self, port: int, *, host: str = "0.0.0.0") -> int:
        """Serve the metrics of a process that has no API, from a thread; returns the port (0 picks one)."""
        server, _ = start_http_server(port, addr=host, registry=self.registry)
        return int(server.server_port)


class _Queue(Collector):
    """The queue as it was last seen. A process that never looks at it, such as a worker, shows nothing of it."""

    def __init__(self) -> None:
        self.stats: QueueStats | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        stats = self.stats
        if stats is None:
            return
        jobs = GaugeMetricFamily("tonereel_queue_jobs", "Jobs that wait or are made.", labels=("state",))
        jobs.add_metric(("queued",), stats.queued)
        jobs.add_metric(("running",), stats.running)
        yield jobs
        for name, text, value in (
            ("outstanding_work_seconds", "Expected seconds of work, waiting and running.", stats.outstanding_s),
            ("oldest_queued_seconds", "For how long the oldest waiting job has waited.", stats.oldest_queued_s),
            ("workers", "Workers that live.", stats.workers),
        ):
            yield GaugeMetricFamily(f"tonereel_{name}", text, value=value)
