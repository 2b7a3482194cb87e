"""Sends spans to a collector as OTLP over HTTP in JSON; imported only where OpenTelemetry's SDK is installed."""

import logging
from collections.abc import Mapping, Sequence

import httpx
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

TIMEOUT_S = 5.0
log = logging.getLogger(__name__)


class OtlpExporter(SpanExporter):
    """Posts to `{endpoint}/v1/traces` (https://opentelemetry.io/docs/specs/otlp/#otlphttp)."""

    def __init__(self, endpoint: str) -> None:
        self._client = httpx.Client(timeout=TIMEOUT_S)
        self._address = endpoint.rstrip("/") + "/v1/traces"

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; a collector that does not answer costs the batch and a line in the log, nothing else."""
        try:
            self._client.post(self._address, json=body_of(spans)).raise_for_status()
        except httpx.HTTPError as exc:
            log.warning("the trace collector did not take %d spans: %s", len(spans), exc)
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Let go of the connection."""
        self._client.close()


def body_of(spans: Sequence[ReadableSpan]) -> dict[str, object]:
    """An ExportTraceServiceRequest in OTLP's JSON: ids in hexadecimal, 64-bit numbers as text."""
    resource = spans[0].resource.attributes if spans else {}
    scope = {"scope": {"name": "tonereel"}, "spans": [_span(span) for span in spans]}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _span(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    if context is None:
        raise ValueError(f"the span {span.name} has no context; only spans that were started can be sent")
    return {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "parentSpanId": f"{span.parent.span_id:016x}" if span.parent else "",
        "name": span.name,
        "kind": span.kind.value + 1,  # OTLP counts from 1
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }


def _attributes(attributes: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}
