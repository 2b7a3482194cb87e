"""The description says what the service does: every schema has an example, and random requests are answered as told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

import schemas.cue_sheet
import schemas.edit
import schemas.manifest
import schemas.problem
import schemas.report
import schemas.soundtrack
import schemas.source
import service.api.wire
import service.webhooks.wire
from service.api.admission import webhook_keeper
from service.api.app import create_app
from service.api.examples import EXAMPLES
from service.net.egress import Egress
from service.webhooks.deliverer import Deliverer
from service.webhooks.endpoint import Endpoints
from service.webhooks.memory import MemoryDeliveries
from service.webhooks.routes import webhook_router
from service.webhooks.seal import PlainSeal
from tests.service.api.world import MP4, World, build, problem

MODULES = (
    schemas.cue_sheet,
    schemas.edit,
    schemas.manifest,
    schemas.problem,
    schemas.report,
    schemas.soundtrack,
    schemas.source,
    service.api.wire,
    service.webhooks.wire,
)
RUNS = 100


def with_webhooks(world: World) -> World:
    """The same service with the routes of webhook endpoints, as it is served."""
    egress = Egress()
    deliverer = Deliverer(Endpoints(world.records, PlainSeal(), egress), MemoryDeliveries(), egress)
    world.app = create_app(world.app.state.parts, [webhook_router(deliverer, webhook_keeper)])
    return world


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The description as it is served."""
    world = build(tmp_path_factory.mktemp("openapi"))
    found = with_webhooks(world).request("GET", "/v1/openapi.json").json()
    assert isinstance(found, dict)
    return found


def test_every_schema_has_an_example_that_it_takes(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for name, schema in described["components"]["schemas"].items():
        (example,) = schema["examples"]
        model = next(getattr(module, name) for module in MODULES if hasattr(module, name))
        TypeAdapter(model).validate_python(example)
    assert set(EXAMPLES) <= set(described["components"]["schemas"])


async def stalling() -> AsyncIterator[bytes]:
    """A body whose end never comes."""
    yield b"{"
    await asyncio.Event().wait()


def test_a_body_for_webhooks_is_bounded_and_checked_like_any_other(tmp_path: Path) -> None:
    world = with_webhooks(build(tmp_path, max_json_bytes=1_000, idle_upload_s=0.05))
    url = "/v1/webhook-endpoints"
    assert problem(world.post_json(url, b" " * 2_000), 413, "body-too-large")
    assert problem(world.request("POST", url, content=stalling()), 408, "body-too-slow")
    assert problem(world.post_json(url, "["), 422, "invalid-request")
    assert problem(world.post_json(url, "[" * 300), 422, "invalid-request")
    assert problem(world.post_json(url, "{}"), 422, "invalid-request").errors[0].pointer == "/url"
    assert problem(world.post_json(url, '{"url": "https://127.0.0.1/"}'), 422, "forbidden-address")


def test_every_body_and_every_answer_has_an_example(described: dict[str, Any]) -> None:
    for operations in described["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert "$ref" in content["schema"] or content["schema"]["examples"]


def test_every_route_tells_its_problems(described: dict[str, Any]) -> None:
    for operations in described["paths"].values():
        for method, operation in operations.items():
            bad = {status for status in operation["responses"] if status[0] in "45d"}
            assert {"401", "422", "429", "500", "503", "default"} <= bad
            for status in bad if method != "head" else ():
                assert set(operation["responses"][status]["content"]) == {"application/problem+json"}


def filled(folder: Path) -> World:
    """A service in which something exists, so that random ids may be right ones."""
    world = build(folder, max_upload_bytes=100_000)
    world.request("POST", "/v1/uploads", content=MP4)
    anyio.run(lambda: world.queue.renew("worker", ()))
    return world


def test_random_requests_are_answered_as_described(tmp_path: Path) -> None:
    world = filled(tmp_path)
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", world.app)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    told = [o for o in operations if not o.path.endswith("/events")]  # streams end only with their job
    assert len(told) >= 18
    answered = set()

    @seed(7)
    @settings(
        max_examples=RUNS,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(told).flatmap(lambda operation: operation.as_strategy()))
    def ask(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Prefer": "wait=0"}
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        checks = [not_a_server_error, response_schema_conformance, content_type_conformance]
        answer = case.call_and_validate(checks=checks)
        answered.add((case.operation.label, answer.status_code))

    ask()
    assert {status // 100 for _, status in answered} >= {2, 4}
    assert world.left_behind() == []
