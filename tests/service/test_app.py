"""The API process answers, with problems as RFC 9457 writes them."""

from pathlib import Path

import pytest
from bentoml import Service
from starlette.testclient import TestClient

from schemas.problem import Problem
from service.app import MusicService, api


def test_health_is_answered() -> None:
    assert TestClient(api).get("/health").json() == {"status": "ok"}


def test_a_missing_bundle_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONEREEL_BUNDLE", str(tmp_path))
    answer = TestClient(api).get("/models")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json())
    assert (problem.status, problem.type) == (500, "urn:tonereel:problem:bad-weights")


def test_the_service_is_one_that_bento_can_serve() -> None:
    assert isinstance(MusicService, Service)
