"""Holds on to claims while their jobs are made, and hears which are lost or wanted no more."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from service.jobs.errors import QueueUnavailable
from service.jobs.port import Claim, JobLeases

SLOWEST_S = 1.0  # renewals carry the wish to cancel, which must arrive within a second
LOCK_SHARE = 6.0
MOST_PAUSE_S = 5.0
log = logging.getLogger("tonereel.worker")


@dataclass(eq=False, slots=True)
class Held:
    """A claim in hand."""

    claim: Claim
    is_lost: bool = False
    is_cancelled: bool = False


class Holding:
    """All claims of one worker; `keep` runs as long as the worker is able to work, since it also says that it lives."""

    def __init__(self, leases: JobLeases, worker: str, *, lock_s: float) -> None:
        self._leases, self._worker = leases, worker
        self._pace_s = min(lock_s / LOCK_SHARE, SLOWEST_S)
        self._held: set[Held] = set()

    def take(self, claims: Iterable[Claim]) -> list[Held]:
        """Begin to hold on to claims."""
        taken = [Held(claim) for claim in claims]
        self._held.update(taken)
        return taken

    def drop(self, held: Held) -> None:
        """Let go of one."""
        self._held.discard(held)

    async def keep(self) -> NoReturn:
        """Renew for good; while the queue is away, work goes on and renewing is tried again."""
        pause_s = self._pace_s
        while True:
            try:
                await self._renew()
                pause_s = self._pace_s
            except QueueUnavailable as exc:
                pause_s = min(2 * pause_s, MOST_PAUSE_S)
                log.warning("leases were not renewed: %s; again in %.1f s", exc, pause_s)
            await asyncio.sleep(pause_s)

    async def _renew(self) -> None:
        asked = tuple(self._held)
        renewal = await self._leases.renew(self._worker, [held.claim for held in asked])
        for held in asked:  # only these: a job may have been claimed anew meanwhile
            id_ = held.claim.job.id
            held.is_lost = held.is_lost or id_ in renewal.lost
            held.is_cancelled = held.is_cancelled or id_ in renewal.cancelled
