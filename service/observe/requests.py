"""Counts, traces and logs every request, as middleware around an ASGI application."""

import logging
import time
from dataclasses import dataclass
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observe.metrics import Metrics
from service.observe.tracing import NoTracing, Tracing, trace_of

NO_ROUTE = "unmatched"  # a path of its own would make as many series as there are wrong addresses
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/livez", "/readyz", "/metrics"})  # asked every few seconds, so their lines are for debugging
log = logging.getLogger("tonereel.requests")


@dataclass(slots=True)
class _Answer:
    status: int = 500
    streams: bool = False


class Observed:
    """Wraps an application; the route's template is known once the application has answered."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self._app, self._metrics, self._tracing = app, metrics, tracing or NoTracing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then count; `scope["trace"]` is the traceparent that jobs of this request should carry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer, began = _Answer(), time.perf_counter()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.streams = (b"content-type", b"text/event-stream") in {
                    (name.lower(), value.split(b";")[0]) for name, value in message["headers"]
                }
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        try:
            with self._tracing.span(f"HTTP {method}", parent=_traceparent(scope)) as span:
                scope["trace"] = span.traceparent
                await self._app(scope, receive, watch)
                span.note("http.route", _route(scope))
                span.note("http.response.status_code", answer.status)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.answered(_route(scope), method, answer.status, None if answer.streams else seconds)
            _log(scope, method, answer.status, seconds)


def _log(scope: Scope, method: str, status: int, seconds: float) -> None:
    """One line for a request; never its query or headers, which may hold secrets, and no control characters."""
    level = logging.DEBUG if scope["path"] in PROBES else logging.INFO
    fields = {"route": _route(scope), "status": status, "duration_ms": round(1000 * seconds, 1)}
    caller = getattr(scope.get("caller"), "tenant", None)
    fields |= {} if caller is None else {"tenant": caller}
    log.log(level, "%s %s %d", method, quote(scope["path"]), status, extra=fields)


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _traceparent(scope: Scope) -> str | None:
    given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    return trace_of(given.decode("latin-1"))
