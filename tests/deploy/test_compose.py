"""The composition is valid, hardened, and names only settings that exist."""

import subprocess
import sys

import pytest

from service.settings import Settings
from tests.deploy.manifests import DEPLOY, Node, at, documents, items, table

(COMPOSE,) = documents(DEPLOY / "compose.yaml")
SERVICES = table(COMPOSE, "services")


def service(name: str) -> Node:
    return table(SERVICES, name)


def example() -> dict[str, str]:
    lines = (DEPLOY / "tonereel.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_it_is_a_composition_by_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_is_there() -> None:
    assert set(SERVICES) == {"api", "worker", "valkey", "store", "bucket", "egress"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_confined_and_bounded(name: str) -> None:
    one = service(name)
    assert at(one, "read_only") is True
    assert at(one, "cap_drop") == ["ALL"]
    assert at(one, "security_opt") == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= set(table(one, "deploy", "resources", "limits"))
    assert at(one, "privileged") is None


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"bucket"}))
def test_a_container_that_stays_is_watched(name: str) -> None:
    assert items(service(name), "healthcheck", "test")


@pytest.mark.parametrize("name", ["valkey", "store", "egress"])
def test_images_of_others_are_pinned_by_tag(name: str) -> None:
    image, _, tag = str(at(service(name), "image")).partition(":")
    assert image
    assert tag not in {"", "latest"}


def test_only_the_api_is_reached_from_outside_and_only_from_this_machine() -> None:
    ports = {name: items(service(name), "ports") for name in SERVICES}
    assert ports.pop("api") == ["127.0.0.1:3000:3000"]
    assert not any(ports.values())


def test_workers_and_stores_have_no_way_out_but_the_proxy() -> None:
    assert at(COMPOSE, "networks", "inside", "internal") is True
    for name in ("worker", "valkey", "store", "bucket"):
        assert at(service(name), "networks") == ["inside"]


def test_redis_neither_forgets_nor_evicts() -> None:
    words = " ".join(str(word) for word in items(service("valkey"), "command"))
    assert "--appendonly yes" in words
    assert "--maxmemory-policy noeviction" in words


def test_every_setting_is_one_that_the_service_knows_and_takes() -> None:
    known = {f"TONEREEL_{name.upper()}" for name in Settings.model_fields}
    for name in ("api", "worker"):
        environment = example() | {key: str(value) for key, value in table(service(name), "environment").items()}
        assert {key for key in environment if key.startswith("TONEREEL_")} <= known
        assert Settings.from_environment(environment).redis_url is not None


def test_a_worker_may_drain_before_it_is_killed() -> None:
    drain_s = float(str(at(service("worker"), "environment", "TONEREEL_DRAIN_S")))
    grace = str(at(service("worker"), "stop_grace_period"))
    assert float(grace.removesuffix("s")) >= drain_s + 15


def test_the_example_holds_no_real_secret() -> None:
    secret = {key: value for key, value in example().items() if "SECRET" in key or "PASSWORD" in key or "KEY" in key}
    assert all(value.startswith("change-me") or value == "tonereel" for value in secret.values())
