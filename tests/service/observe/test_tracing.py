"""Traces go through, and spans reach a collector."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.observe.tracing import NoTracing, OpenTelemetry, trace_of, tracing_to

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Takes OTLP and keeps it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.taken: list[tuple[str, dict[str, list[dict[str, object]]]]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def spans_of(collector: Collector) -> list[dict[str, object]]:
    return [
        span
        for _, body in collector.taken
        for resource in json.loads(json.dumps(body))["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        TRACE.upper(),
        "ff" + TRACE[2:],
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        TRACE + "-more",
        TRACE + "\r\nx: y",
    ],
)
def test_what_is_no_traceparent_is_dropped(header: str) -> None:
    assert trace_of(header) is None


def test_without_a_collector_a_trace_goes_through_unchanged() -> None:
    tracing = tracing_to(None, service="api")
    assert isinstance(tracing, NoTracing)
    with tracing.span("x", parent=TRACE) as span:
        span.note("a", 1)
        assert span.traceparent == TRACE


def test_a_span_reaches_the_collector_under_its_parent(collector: Collector) -> None:
    tracing = tracing_to(collector.address + "/", service="worker")
    with tracing.span("compose", parent=TRACE) as span:
        span.note("job.id", "st_1")
        span.note("takes", 2)
        span.note("loop", True)
    tracing.close()
    (path, body), (sent,) = collector.taken[0], spans_of(collector)
    assert path == "/v1/traces"
    assert "worker" in json.dumps(body)
    assert (sent["traceId"], sent["parentSpanId"], sent["name"]) == (TRACE[3:35], TRACE[36:52], "compose")
    assert {"key": "takes", "value": {"intValue": "2"}} in list(sent["attributes"])  # type: ignore[call-overload]
    assert span.traceparent == f"00-{sent['traceId']}-{sent['spanId']}-01"


def test_a_job_continues_the_trace_of_its_request(collector: Collector) -> None:
    tracing = tracing_to(collector.address, service="both")
    with tracing.span("request") as request:
        carried = request.traceparent
    with tracing.span("job", parent=carried):
        pass
    tracing.close()
    first, second = spans_of(collector)
    assert first["traceId"] == second["traceId"]
    assert second["parentSpanId"] == first["spanId"]


def test_an_error_that_leaves_a_span_is_noted(collector: Collector) -> None:
    tracing = tracing_to(collector.address, service="x")
    with pytest.raises(ValueError, match="no"), tracing.span("job"):
        raise ValueError("no")
    tracing.close()
    assert spans_of(collector)[0]["status"] == {"code": 2}


def test_a_collector_that_is_away_costs_a_line_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    tracing = tracing_to("http://127.0.0.1:9", service="x")
    assert isinstance(tracing, OpenTelemetry)
    with tracing.span("job"):
        pass
    tracing.close()
    assert "did not take 1 spans" in caplog.text
