"""Requests are counted by route, and their trace goes on to the application."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from service.observe.metrics import Metrics
from service.observe.requests import Observed

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def an_app() -> FastAPI:
    app = FastAPI()

    @app.get("/things/{name}")
    async def thing(name: str, request: Request) -> dict[str, str | None]:
        return {"name": name, "trace": request.scope["trace"]}

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("no")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def words() -> AsyncIterator[str]:
            yield "data: 1\n\n"

        return StreamingResponse(words(), media_type="text/event-stream")

    return app


def answers(metrics: Metrics, *paths: str, method: str = "GET") -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(Observed(an_app(), metrics), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
            return [await client.request(method, path, headers={"traceparent": TRACE}) for path in paths]

    return asyncio.run(ask())


def test_paths_of_one_route_are_one_series() -> None:
    metrics = Metrics()
    answers(metrics, "/things/a", "/things/b")
    text = metrics.render()[0].decode()
    assert 'tonereel_http_requests_total{method="GET",route="/things/{name}",status="200"} 2.0' in text


def test_wrong_addresses_are_one_series() -> None:
    metrics = Metrics()
    answers(metrics, "/no", "/such", "/place")
    assert 'route="unmatched",status="404"} 3.0' in metrics.render()[0].decode()


def test_invented_methods_are_one_series() -> None:
    metrics = Metrics()
    answers(metrics, "/broken", method="BREW")
    assert 'method="OTHER"' in metrics.render()[0].decode()


def test_an_error_is_counted_as_one() -> None:
    metrics = Metrics()
    assert answers(metrics, "/broken")[0].status_code == 500
    assert 'route="/broken",status="500"} 1.0' in metrics.render()[0].decode()


def test_a_stream_is_counted_but_not_timed() -> None:
    metrics = Metrics()
    answers(metrics, "/stream")
    text = metrics.render()[0].decode()
    assert 'route="/stream",status="200"} 1.0' in text
    assert 'http_request_seconds_count{method="GET",route="/stream"}' not in text


def test_a_trace_reaches_the_application_unchanged_where_nothing_is_recorded() -> None:
    assert answers(Metrics(), "/things/a")[0].json()["trace"] == TRACE


def test_every_request_is_a_log_line_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tonereel.requests")
    answers(Metrics(), "/things/a%0Ab?key=sk_secret", "/no", "/broken", "/stream")
    lines = [record.getMessage() for record in caplog.records if record.name == "tonereel.requests"]
    assert lines == ["GET /things/a%0Ab 200", "GET /no 404", "GET /broken 500", "GET /stream 200"]
    assert {(r.route, r.status) for r in caplog.records if hasattr(r, "route")} >= {("/things/{name}", 200)}  # type: ignore[attr-defined]


def test_looks_at_its_health_are_logged_for_debugging_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tonereel.requests")
    answers(Metrics(), "/livez", "/readyz", "/metrics")
    assert {r.levelno for r in caplog.records if r.name == "tonereel.requests"} == {logging.DEBUG}
