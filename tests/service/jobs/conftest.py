from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from service.redis_server import EmbeddedRedis
from tests.service.jobs.bench import Bench, on_memory, on_redis


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedRedis(Path(tmp_path_factory.mktemp("redis"))) as server:
        yield server.url


@pytest.fixture(params=["memory", "redis"])
def opened(request: pytest.FixtureRequest) -> Callable[..., AbstractAsyncContextManager[Bench]]:
    """Opens a new queue; keyword arguments change `bench.QUICK`."""
    opener: Any = on_memory if request.param == "memory" else partial(on_redis, request.getfixturevalue("redis_url"))
    return opener  # type: ignore[no-any-return]
