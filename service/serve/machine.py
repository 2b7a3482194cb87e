"""What runs on one machine, and with which environment: the API, its workers and their Redis."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.serve.house import Plan
from service.serve.program import Program
from service.settings import PREFIX, Settings

API_STOP_S = 8.0  # streams of events are cut off; uploads begun are ended
WORKER_STOP_S = 10.0  # beyond the time that running jobs get
log = logging.getLogger("tonereel.serve")


def plan_of(settings: Settings, environment: Mapping[str, str], *, redis_url: str, port: int) -> Plan:
    """Which programs serve, all with the same settings; `settings.data_dir` is absolute.

    Args:
        settings: what was asked for.
        environment: what the programs get besides, such as PATH and the keys of a store.
        redis_url: the Redis that they share.
        port: the port that was found free.
    """
    shared = {
        **environment,
        PREFIX + "REDIS_URL": redis_url,
        PREFIX + "DATA_DIR": str(settings.data_dir),
        PREFIX + "HOST": settings.host,
        PREFIX + "PORT": str(port),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONUNBUFFERED": "1",
    }
    if PREFIX + "LOG_LEVEL" not in environment and sys.stderr.isatty():
        shared[PREFIX + "LOG_LEVEL"] = "warning"  # the one line that says where stays in sight
    api = Program("the API", _module("service.commands.api"), shared, API_STOP_S)
    stop_s = settings.drain_s + WORKER_STOP_S
    workers = tuple(
        Program(f"worker {n + 1}", _module("service.commands.worker"), _worker(shared, settings, n), stop_s)
        for n in range(settings.workers)
    )
    probe = "readyz" if workers else "livez"  # without workers of its own, an API is ready when it lives
    return Plan(api, workers, f"{address(settings.host, port)}/{probe}")


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the service."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


@dataclass(frozen=True, slots=True)
class SharedRedis:
    """The Redis that all programs share; `tend` starts it again when it is ours and has died."""

    url: str
    tend: Callable[[], None] = lambda: None


@contextmanager
def redis_of(settings: Settings, data: Path) -> Iterator[SharedRedis]:
    """The Redis that settings name, or one that is started in the data folder meanwhile."""
    if settings.redis_url is not None:
        yield SharedRedis(settings.redis_url.get_secret_value())
        return
    from service.redis_server import EmbeddedRedis

    with EmbeddedRedis(data / "redis") as server:

        def tend() -> None:
            if server.pid is None:
                log.warning("the embedded Redis ended; it is started again")
                server.restart()

        yield SharedRedis(server.url, tend)


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", name)


def _worker(shared: Mapping[str, str], settings: Settings, n: int) -> dict[str, str]:
    own = {} if settings.metrics_port is None else {PREFIX + "METRICS_PORT": str(settings.metrics_port + n)}
    return {**shared, **own}
