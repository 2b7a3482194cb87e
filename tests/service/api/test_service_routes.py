"""Health, metrics, models, the documentation and the page."""

from pathlib import Path

import anyio
import pytest

from service.api.page import Leftovers
from tests.service.api.world import CAPTION, World, problem


def test_a_service_is_ready_when_a_worker_lives(world: World) -> None:
    assert "worker" in problem(world.request("GET", "/readyz"), 503, "not-ready").detail
    anyio.run(lambda: world.queue.renew("worker", ()))
    answer = world.request("GET", "/readyz")
    assert (answer.status_code, answer.json()["parts"]["workers"]) == (200, "1")


def test_metrics_count_requests_by_route_and_jobs_by_state(world: World) -> None:
    address = world.request("POST", "/v1/soundtracks", json=CAPTION).headers["location"]
    world.request("GET", address)
    world.request("GET", "/v1/wp-login.php")
    answer = world.request("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'tonereel_queue_jobs{state="queued"} 1.0' in answer.text
    line = 'tonereel_http_requests_total{method="GET",route="/v1/soundtracks/{job_id}",status="200"} 1.0'
    assert line in answer.text
    assert address.rsplit("/", 1)[-1] not in answer.text
    assert "wp-login" not in answer.text


def test_models_tell_their_limits(world: World) -> None:
    (model,) = world.request("GET", "/v1/models").json()["data"]
    assert (model["id"], model["max_duration_s"], "wav" in model["formats"]) == ("tonereel-test", 1800, True)


def test_the_documentation_needs_nothing_from_elsewhere(world: World) -> None:
    page = world.request("GET", "/v1/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!doctype", "")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert world.request("GET", f"/v1/docs/{name}").status_code == 200
    assert problem(world.request("GET", "/v1/docs/index.css"), 404, "not-found")


@pytest.fixture
def web(world: World, tmp_path: Path) -> World:
    """The service with a page of its own."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "app.js").write_text("start()")
    (folder / "secret.py").write_text("no")
    (tmp_path / "outside.html").write_text("no")
    world.app.router.routes[-1].app = Leftovers(folder)  # type: ignore[attr-defined]
    return world


def test_the_page_is_served_with_a_strict_policy(web: World) -> None:
    answer = web.request("GET", "/")
    assert (answer.status_code, "<title>page</title>" in answer.text) == (200, True)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert web.request("GET", "/app.js").headers["content-type"].startswith("text/javascript")
    assert web.request("HEAD", "/").status_code == 200


def test_the_page_shadows_nothing_and_gives_away_nothing(web: World) -> None:
    for path in ("/livez", "/metrics", "/v1/openapi.json", "/v1/docs"):
        assert web.request("GET", path).status_code == 200
    for path in ("/secret.py", "/../outside.html", "/%2e%2e/outside.html", "/v1/app.js", "/a%00.js"):
        assert problem(web.request("GET", path), 404, "not-found")
    answer = web.request("POST", "/")
    assert problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"
