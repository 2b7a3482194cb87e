"""The supervisor: claims jobs, has them made by a warm child, and outlives what happens to child, queue and store."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import NoReturn

from service.jobs.errors import QueueUnavailable
from service.jobs.port import Claim
from service.records.port import RecordsUnavailable
from service.settings import Settings
from service.store.port import StoreError
from service.worker.closing import TICK_S, Closing, unless
from service.worker.desk import STORE_PATIENCE_S, Desk
from service.worker.holding import Holding
from service.worker.inputs import Inputs
from service.worker.process import Bench, Child
from service.worker.scratch import Scratch
from service.worker.shift import Shift
from service.worker.shop import Ports, Shop
from service.worker.sweep import SWEEP_EVERY_S, Sweep
from service.worker.teller import Teller

CLAIM_WAIT_S = 5.0
PAUSE_S = 0.5  # before the next claim, when the queue is away
AWAY = (QueueUnavailable, RecordsUnavailable, StoreError)
log = logging.getLogger("tonereel.worker")


async def work(ports: Ports, settings: Settings, engine: str, *, ready: Callable[[str], None]) -> None:
    """Be a worker until SIGTERM or SIGINT; `ready` is told the bundle's label once the engine is warm.

    Raises:
        BadWeights: when the bundle is not usable.
        ServiceError: when the engine cannot be loaded for another reason, or there is no place for files.
    """
    closing = Closing()
    with closing.on_signals():
        await Supervisor(ports, settings, engine).run(closing, ready)


class Supervisor:
    """One worker."""

    def __init__(self, ports: Ports, settings: Settings, engine: str) -> None:
        self._ports, self._settings, self._engine = ports, settings, engine
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    @property
    def name(self) -> str:
        """How the queue knows it: host, process and chance."""
        return self._name

    async def run(self, closing: Closing, ready: Callable[[str], None]) -> None:
        """Work until `closing` begins; then finish or give back what is in hand."""
        shop = self._shop(closing)
        if swept := shop.scratch.open():
            log.info("files of dead workers were removed: %s", ", ".join(swept))
        chores: list[asyncio.Task[NoReturn]] = []
        try:
            if await self._child(shop, chores) is not None:
                ready(shop.bench.label)
                chores += [asyncio.create_task(chore) for chore in self._chores(shop)]
                await self._serve(shop, chores)
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await shop.bench.close()
            await asyncio.to_thread(shop.scratch.close)

    def _shop(self, closing: Closing) -> Shop:
        ports, settings = self._ports, self._settings
        return Shop(
            settings=settings,
            metrics=ports.metrics,
            tracing=ports.tracing,
            closing=closing,
            bench=Bench(lambda: Child.spawn(self._engine)),
            holding=Holding(ports.leases, self._name, lock_s=settings.lock_s),
            teller=Teller(ports.leases),
            desk=Desk(
                ports.leases, ports.store, ports.metrics, attempts=settings.attempts, patience_s=STORE_PATIENCE_S
            ),
            inputs=Inputs(ports.store, ports.fetch, max_bytes=settings.max_upload_bytes),
            records=ports.records,
            scratch=Scratch(settings.data_dir / "scratch", self._name),
        )

    def _chores(self, shop: Shop) -> tuple[Coroutine[object, object, NoReturn], ...]:
        sweep = Sweep(self._ports.jobs, self._ports.store, self._ports.records, self._settings)
        return (
            shop.holding.keep(),
            shop.teller.tell(),
            every(self._settings.stalled_check_s, self._ports.leases.tend),
            every(SWEEP_EVERY_S, sweep.sweep_in_turn),
        )

    async def _serve(self, shop: Shop, chores: list[asyncio.Task[NoReturn]]) -> None:
        while await self._child(shop, chores) is not None:
            if claims := await self._claim(shop.closing):
                await Shift(shop, claims).work()

    @staticmethod
    async def _child(shop: Shop, chores: list[asyncio.Task[NoReturn]]) -> Child | None:
        """The warm child; None once the worker is to end. Raises what ended the bench or a chore."""
        while not shop.closing.begun:
            for chore in chores:
                if chore.done():
                    chore.result()
            if (child := shop.bench.child()) is not None:
                return child
            await asyncio.sleep(TICK_S)
        return None

    async def _claim(self, closing: Closing) -> tuple[Claim, ...]:
        """The next jobs; none once the worker is to end, or when the queue is away."""
        waiting = self._ports.leases.claim(self._name, most=self._settings.batch_jobs, wait_s=CLAIM_WAIT_S)
        try:
            return await unless(lambda: closing.begun, waiting) or ()
        except QueueUnavailable as exc:
            log.warning("no job could be claimed: %s", exc)
            await asyncio.sleep(PAUSE_S)
            return ()


async def every(pause_s: float, chore: Callable[[], Awaitable[object]]) -> NoReturn:
    """Do something again and again; when queue or store are away, it is left out."""
    while True:
        try:
            await chore()
        except AWAY as exc:
            log.warning("left out: %s", exc)
        await asyncio.sleep(pause_s)
