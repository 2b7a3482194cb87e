"""Traces: W3C traceparent through requests and jobs, and spans to a collector where one is configured."""

import importlib.util
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span as OtelSpan

_TRACEPARENT = re.compile(r"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")
Value = str | int | float | bool


def trace_of(header: str | None) -> str | None:
    """A traceparent header if it is one (https://www.w3.org/TR/trace-context/), else None."""
    return header if header and _TRACEPARENT.match(header) else None


class Span(Protocol):
    """A stretch of work; `traceparent` is what goes on to whatever continues it."""

    traceparent: str | None

    def note(self, name: str, value: Value) -> None:
        """Say something about it."""


class Tracing(Protocol):
    """Where spans go."""

    def span(self, name: str, *, parent: str | None = None) -> AbstractContextManager[Span]:
        """A stretch of work that lasts as long as the context; errors that leave it are noted."""

    def close(self) -> None:
        """Send what has not been sent."""


class _Unrecorded:
    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def note(self, name: str, value: Value) -> None:
        """Keep nothing."""
        del name, value


class NoTracing:
    """Records nothing, and hands a traceparent on as it came, so that a trace does not end here."""

    @contextmanager
    def span(self, name: str, *, parent: str | None = None) -> Iterator[Span]:
        """A span that nobody sees."""
        del name
        yield _Unrecorded(trace_of(parent))

    def close(self) -> None:
        """Nothing is held."""


class _Recorded:
    def __init__(self, span: "OtelSpan") -> None:
        context = span.get_span_context()
        self._span = span
        self.traceparent: str | None = (
            f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
        )

    def note(self, name: str, value: Value) -> None:
        """Keep an attribute."""
        self._span.set_attribute(name, value)


class OpenTelemetry:
    """Records spans with the OpenTelemetry SDK; they leave in batches, from a thread."""

    def __init__(self, exporter: "SpanExporter", *, service: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tonereel")

    @contextmanager
    def span(self, name: str, *, parent: str | None = None) -> Iterator[Span]:
        """A span under `parent`, or the first of a new trace."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        known = trace_of(parent)
        context = TraceContextTextMapPropagator().extract({"traceparent": known} if known else {})
        with self._tracer.start_as_current_span(name, context=context) as span:
            yield _Recorded(span)

    def close(self) -> None:
        """Send what has not been sent, and stop the thread."""
        self._provider.shutdown()


def tracing_to(endpoint: str | None, *, service: str) -> Tracing:
    """Tracing to a collector; none without an endpoint, or where OpenTelemetry's SDK is not installed."""
    if endpoint is None or importlib.util.find_spec("opentelemetry") is None:
        return NoTracing()
    if importlib.util.find_spec("opentelemetry.sdk") is None:
        return NoTracing()
    from service.observe.otlp import OtlpExporter

    return OpenTelemetry(OtlpExporter(endpoint), service=service)
