"""Tells the queue how far jobs are, at most twice a second for each; what was overtaken is not told."""

import asyncio
import logging
from typing import NoReturn

from service.jobs.errors import QueueUnavailable
from service.jobs.port import Claim, JobLeases

PAUSE_S = 0.5
log = logging.getLogger("tonereel.worker")


class Teller:
    """Keeps the newest word of each claim until it is told."""

    def __init__(self, leases: JobLeases, *, pause_s: float = PAUSE_S) -> None:
        self._leases, self._pause_s = leases, pause_s
        self._news: dict[str, tuple[Claim, str, float]] = {}
        self._is_news = asyncio.Event()

    def note(self, claim: Claim, stage: str, fraction: float) -> None:
        """There is something new of a claim."""
        self._news[claim.token] = claim, stage, min(max(fraction, 0.0), 1.0)
        self._is_news.set()

    def forget(self, claim: Claim) -> None:
        """Nobody needs to know any more."""
        self._news.pop(claim.token, None)

    async def tell(self) -> NoReturn:
        """Tell for good; what cannot be told because the queue is away is left out."""
        while True:
            await self._is_news.wait()
            self._is_news.clear()
            news, self._news = self._news, {}
            for claim, stage, fraction in news.values():
                try:
                    await self._leases.progress(claim, stage, fraction)
                except QueueUnavailable as exc:
                    log.debug("progress of %s was not told: %s", claim.job.id, exc)
            await asyncio.sleep(self._pause_s)
