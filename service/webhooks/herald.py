"""The herald: sees every job that has ended and has its webhooks sent; none is missed when a process dies."""

import asyncio
import logging

from service.errors import ServiceError
from service.jobs.port import JobQueue
from service.webhooks.deliverer import Deliverer

AT_ONCE = 100
log = logging.getLogger(__name__)


class Herald:
    """Runs beside a deliverer; several do no harm, since telling of an end twice is the same as once."""

    def __init__(self, queue: JobQueue, deliverer: Deliverer, *, nap_s: float = 0.5) -> None:
        self._queue, self._deliverer, self._nap_s = queue, deliverer, nap_s

    async def run(self) -> None:
        """Tell of ends until cancelled; what could not be told now is told later."""
        while True:
            try:
                told = await self.tell()
            except ServiceError as exc:
                log.warning("webhooks wait: %s", exc)
                told = 0
            if told < AT_ONCE:
                await asyncio.sleep(self._nap_s)

    async def tell(self) -> int:
        """Tell of the ends so far; how many there were.

        Raises:
            QueueUnavailable, RecordsUnavailable, DeliveriesUnavailable: Redis does not answer.
        """
        jobs = await self._queue.ended(most=AT_ONCE)
        for job in jobs:
            try:
                await self._deliverer.enqueue_for(job)
            except ServiceError:
                raise
            except Exception:  # one broken endpoint or job must not silence all others
                log.exception("the end of %s cannot be told", job.id)
            await self._queue.told([job.id])
        return len(jobs)
