"""A service with a network that fails on purpose, and each of the two clients as one that waits."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from service.client import AsyncTonereel, Patience, Tonereel
from tests.service.client.world import API_KEY, World

QUICK = Patience(tries=4, first_s=0.01, most_s=0.02)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("service"))
    world.start()
    yield world
    world.stop()


@pytest.fixture
def world(running: World) -> World:
    running.network.forget()
    return running


class Awaited:
    """An asynchronous client whose methods wait, so that one suite tests both."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncTonereel(url, api_key=API_KEY, patience=QUICK)

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            made = getattr(self._client, name)(*given, **named)
            return self._each(made) if hasattr(made, "__anext__") else self._runner.run(made)

        return call

    def end(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    def _each(self, made: Any) -> Iterator[Any]:
        end = object()

        async def following() -> Any:
            return await anext(made, end)

        while (value := self._runner.run(following())) is not end:
            yield value


@pytest.fixture(params=["blocking", "asynchronous"])
def client(request: pytest.FixtureRequest, world: World) -> Iterator[Tonereel]:
    if request.param == "blocking":
        with Tonereel(world.url, api_key=API_KEY, patience=QUICK) as made:
            yield made
        return
    awaited = Awaited(world.url)
    yield cast("Tonereel", awaited)
    awaited.end()
