"""The BentoML service serves the same API, and neither shadows the other."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bentoml import Service
from starlette.testclient import TestClient

from service.app import MusicService, api

READY_S = 90.0
CAPTION = {"sources": [{"kind": "caption", "text": "calm"}], "duration_s": 3}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a real `bentoml serve`, with an embedded Redis in a folder of its own."""
    port = free_port()
    words = ["serve", "service.app:MusicService", "--host", "127.0.0.1", "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TONEREEL_", "REDIS_URL"))}
    environment |= {"TONEREEL_DATA_DIR": str(tmp_path), "BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", *words], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10.0) as client:
            until = time.monotonic() + READY_S
            while not answers(client):
                assert process.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                time.sleep(0.1)
            yield client
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/livez").status_code == 200
    except httpx.HTTPError:
        return False


def test_bentoml_serves_the_whole_api(served: httpx.Client) -> None:
    accepted = served.post("/v1/soundtracks", json=CAPTION)
    assert accepted.status_code == 202, accepted.text
    assert served.get(accepted.headers["location"]).json()["status"] == "queued"
    assert served.get("/readyz").status_code == 503  # no worker lives
    metrics = served.get("/metrics")
    assert 'tonereel_queue_jobs{state="queued"} 1.0' in metrics.text
    assert "bentoml" not in metrics.text
    for path in ("/v1/docs", "/v1/openapi.json", "/v1/models", "/v1/webhook-endpoints", "/livez"):
        assert served.get(path).status_code == 200, path
    missing = served.get("/v1/nothing")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    wrong = served.put("/v1/soundtracks")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
    page = served.get("/")
    assert "BentoML" not in page.text
    if page.status_code == 200:
        assert "content-security-policy" in page.headers


def test_the_service_is_one_that_bento_can_serve() -> None:
    assert isinstance(MusicService, Service)


def test_before_it_is_started_it_says_that_it_is_not_ready() -> None:
    answer = TestClient(api).get("/v1/models")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")


def test_the_api_process_never_imports_a_model_or_a_decoder() -> None:
    heavy = ["torch", "open_clip", "transformers", "decord", "av", "scipy", "matplotlib", "cv2"]
    code = (
        "import json, sys, service.commands.api, service.api.app, service.webhooks.routes, "
        "service.jobs.composition, service.records.composition, service.store.composition; "
        f"print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
