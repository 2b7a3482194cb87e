"""Keeps a house of programs: starts them, says when they are ready, and stops them in order."""

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from service.errors import ServiceError
from service.serve.program import Keeper, Program

READY_WITHIN_S = 180.0  # a cold disk reads the bundle slowly
POLL_S, TEND_S = 0.1, 0.5
TRIES = 3
STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
log = logging.getLogger("tonereel.serve")


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs: the API, the workers, and the address that says when both are ready."""

    api: Program
    workers: tuple[Program, ...]
    ready_url: str


async def keep(
    plan: Plan,
    *,
    on_ready: Callable[[], None],
    tend: Callable[[], None] = lambda: None,
    ready_within_s: float = READY_WITHIN_S,
) -> None:
    """Run everything until a signal comes; a second signal stops at once.

    Args:
        plan: what runs.
        on_ready: called once, when the service is ready.
        tend: called twice a second; looks after what all programs share.
        ready_within_s: how long to wait for that.

    Raises:
        ServiceError: it did not become ready; everything was stopped again.
    """
    stop, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPERS:
        loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
    api, workers = Keeper(plan.api), [Keeper(worker) for worker in plan.workers]
    tending = asyncio.create_task(_tend(tend))
    try:
        for keeper in (api, *workers):
            keeper.start()
        if await _ready(plan.ready_url, [api, *workers], stop, ready_within_s):
            on_ready()
        await stop.wait()
    finally:
        stop.set()  # from now on, the next signal is the second
        await api.stop(hurry)  # first nothing new comes in, then what was begun is ended
        await asyncio.gather(*(worker.stop(hurry) for worker in workers))
        tending.cancel()
        for number in STOPPERS:
            loop.remove_signal_handler(number)


async def _tend(tend: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(TEND_S)
        try:
            tend()
        except ServiceError:
            log.exception("what the programs share could not be looked after; it is tried again")


async def _ready(url: str, keepers: list[Keeper], stop: asyncio.Event, within_s: float) -> bool:
    """Whether the service became ready (False: somebody stopped it before)."""
    loop = asyncio.get_running_loop()
    until, seen = loop.time() + within_s, "no answer"
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        while not stop.is_set():
            seen = await _look(client, url)
            if not seen:
                return True
            for keeper in keepers:
                if keeper.failures >= TRIES:
                    raise ServiceError(
                        f"{keeper.program.name} ended {keeper.failures} times in a row (exit code {keeper.code}) "
                        "before the service was ready; what it wrote above says why"
                    )
            if loop.time() > until:
                raise ServiceError(f"the service was not ready after {within_s:g} s ({seen}); see what it wrote above")
            await asyncio.sleep(POLL_S)
    return False


async def _look(client: httpx.AsyncClient, url: str) -> str:
    """Why the service is not ready; empty when it is."""
    try:
        answer = await client.get(url)
    except httpx.HTTPError as exc:
        return f"{url}: {exc or type(exc).__name__}"
    return "" if answer.is_success else f"{url} answers {answer.status_code}: {answer.text[:500]}"
