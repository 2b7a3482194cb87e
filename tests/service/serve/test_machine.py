"""All programs of a machine share one Redis, one data folder and one address."""

import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError

from service.serve.machine import address, plan_of, redis_of
from service.settings import Settings


def a_plan(**given: object) -> dict[str, dict[str, str]]:
    settings = Settings.model_validate({"data_dir": Path("/data"), "workers": 2, "drain_s": 7, **given})
    plan = plan_of(settings, {"PATH": "/bin"}, redis_url="unix:///data/redis.sock", port=3210)
    return {program.name: dict(program.environment) for program in (plan.api, *plan.workers)}


def test_all_programs_share_redis_data_and_address() -> None:
    plan = a_plan()
    assert set(plan) == {"the API", "worker 1", "worker 2"}
    for environment in plan.values():
        assert environment["TONEREEL_REDIS_URL"] == "unix:///data/redis.sock"
        assert environment["TONEREEL_DATA_DIR"] == "/data"
        assert environment["TONEREEL_PORT"] == "3210"
        assert environment["PATH"] == "/bin"
        Settings.from_environment(environment)


def test_workers_serve_their_metrics_on_ports_of_their_own() -> None:
    plan = a_plan(metrics_port=9100)
    assert [plan[f"worker {n}"]["TONEREEL_METRICS_PORT"] for n in (1, 2)] == ["9100", "9101"]


def test_a_worker_gets_longer_to_stop_than_its_jobs_get_to_end() -> None:
    settings = Settings.from_environment({"TONEREEL_DRAIN_S": "100"})
    plan = plan_of(settings, {}, redis_url="x", port=1)
    assert plan.ready_url.endswith("/readyz")
    assert all(worker.stop_s > 100 for worker in plan.workers)


def test_an_api_whose_workers_are_elsewhere_is_ready_when_it_lives() -> None:
    settings = Settings.from_environment({"TONEREEL_WORKERS": "0"})
    plan = plan_of(settings, {}, redis_url="x", port=1)
    assert plan.workers == ()
    assert plan.ready_url.endswith("/livez")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://[::1]:1"),
        ("localhost", "http://localhost:1"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, expected: str) -> None:
    assert address(host, 1) == expected


def test_a_redis_that_is_named_is_used(tmp_path: Path) -> None:
    settings = Settings.from_environment({"REDIS_URL": "redis://cache:6379/1"})
    with redis_of(settings, tmp_path) as redis:
        redis.tend()
        assert redis.url == "redis://cache:6379/1"
    assert not list(tmp_path.iterdir())


def test_an_embedded_redis_that_dies_is_started_again_with_what_it_held(tmp_path: Path) -> None:
    with redis_of(Settings.from_environment({}), tmp_path) as shared, Redis.from_url(shared.url) as client:
        client.set("kept", "yes")
        client.shutdown(nosave=True)
        deadline = time.monotonic() + 10
        while not _answers(client) and time.monotonic() < deadline:
            shared.tend()
        assert client.get("kept") == b"yes"


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except ConnectionError:
        return False
