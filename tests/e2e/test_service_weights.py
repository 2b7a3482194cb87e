"""Weights that are not the bundle's: the worker says so and ends, and the service is never ready."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from service.failure import ENGINE_FAILURE
from service.redis_server import EmbeddedRedis
from service.settings import Settings
from tests.e2e.house import WITHIN_S, Api, a_worker, until

BUNDLE = Path("weights/tonereel-mini")


def cut_off(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1000])


def pickled(weights: Path) -> None:
    weights.write_bytes(pickle.dumps({"weight": [0.0] * 10}))


@pytest.mark.parametrize("damage", [cut_off, pickled])
def test_a_worker_with_wrong_weights_never_makes_the_service_ready(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    bundle, log = tmp_path / "bundle", tmp_path / "worker.log"
    shutil.copytree(BUNDLE, bundle)
    damage(bundle / "flow.safetensors")
    with EmbeddedRedis(tmp_path / "redis") as redis:
        settings = Settings(data_dir=tmp_path / "data", redis_url=SecretStr(redis.url), auth=False)
        api = Api(settings)
        api.start()
        try:
            with a_worker(settings, log, TONEREEL_BUNDLE=str(bundle)) as worker:
                assert worker.wait(WITHIN_S) == ENGINE_FAILURE
            until(lambda: api.url or not api.is_alive(), "the start of the API")
            answer = httpx.get(f"{api.url}/readyz")
        finally:
            api.stop()
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "flow.safetensors" in log.read_text()
    assert "ready with" not in log.read_text()
