"""The sender: takes due deliveries, posts them signed, and decides when to try again."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from service.errors import ServiceError
from service.jobs.port import JobRecord
from service.net.egress import Egress
from service.net.errors import FetchFailed, ForbiddenAddress
from service.webhooks.endpoint import Endpoint, Endpoints
from service.webhooks.errors import SecretUnreadable, UnknownEndpoint
from service.webhooks.event import TEST_EVENT, event_of, message, message_id, trial_message
from service.webhooks.port import Attempt, Claimed, Deliveries, Delivery, Message, Share
from service.webhooks.signature import sign

log = logging.getLogger(__name__)
MIN, HOUR = 60.0, 3600.0
# The schedule that the specification suggests: 10 tries in 75.6 hours; the first number is the first try's wait.
SCHEDULE_S = (0.0, 5.0, 5 * MIN, 30 * MIN, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
GONE = 410
REMEMBERED_ATTEMPTS = 30


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to send: deliveries at once, of these to one endpoint, seconds of one try, of a lease, of a nap."""

    at_once: int = 32
    of_one: int = 4
    limit_s: float = 15.0
    lease_s: float = 60.0
    nap_s: float = 0.5
    schedule_s: tuple[float, ...] = SCHEDULE_S


USUAL = Pace()


class Deliverer:
    """Runs as a task in any process; several share the work, and one that dies loses none of it.

    `count` is told the outcome of every try: `delivered`, `failed` or `gave_up`.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        deliveries: Deliveries,
        egress: Egress,
        *,
        pace: Pace = USUAL,
        count: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self.endpoints, self.deliveries = endpoints, deliveries
        self._egress, self._pace, self._count = egress, pace, count
        self._in_hand: Counter[str] = Counter()  # by endpoint
        self._stir = asyncio.Event()

    async def enqueue_for(self, job: JobRecord) -> None:
        """See to it that everybody who wants to know learns that a job has ended; harmless to call again.

        Raises:
            RecordsUnavailable, DeliveriesUnavailable: Redis does not answer; call again later.
        """
        event = event_of(job)
        if event is None:
            return
        for endpoint in await self.endpoints.listening(job, event):
            body, at = message(job, event), time.time()
            await self.deliveries.add(Message(message_id(job), endpoint.id, endpoint.tenant, event, body, at))
            self._stir.set()

    async def try_out(self, endpoint: Endpoint) -> Attempt:
        """Post a message that only tries the way, once and now; it is neither repeated nor logged."""
        now = time.time()
        body = trial_message(endpoint.id, now)
        trial = Message(f"msg_test_{endpoint.id}_{int(now)}", endpoint.id, endpoint.tenant, TEST_EVENT, body, now)
        return await self._post(endpoint, trial)

    async def run(self) -> None:
        """Send what is due until cancelled; what is on its way then is due again when its lease ends."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._stir.clear()
                for claimed in await self._claim():
                    group.create_task(self._see_to(claimed))
                try:
                    async with asyncio.timeout(self._pace.nap_s):
                        await self._stir.wait()
                except TimeoutError:
                    continue

    async def _claim(self) -> tuple[Claimed, ...]:
        pace, free = self._pace, self._pace.at_once - self._in_hand.total()
        if free <= 0:
            return ()
        try:
            share = Share(free, pace.of_one, dict(self._in_hand))
            claims = await self.deliveries.claim(share, lease_s=pace.lease_s)
        except ServiceError as exc:
            log.warning("webhooks wait: %s", exc)
            return ()
        self._in_hand.update(claimed.delivery.message.endpoint for claimed in claims)
        return claims

    async def _see_to(self, claimed: Claimed) -> None:
        endpoint = claimed.delivery.message.endpoint
        try:
            await self._deliver(claimed)
        except ServiceError as exc:  # Redis is away: the lease ends and somebody tries again
            log.warning("a webhook will be sent again: %s", exc)
        except Exception:
            log.exception("a webhook will be sent again after something unexpected")
        finally:
            self._in_hand[endpoint] -= 1
            self._in_hand += Counter()  # drops the zeros
            self._stir.set()

    async def _deliver(self, claimed: Claimed) -> None:
        message = claimed.delivery.message
        try:
            endpoint = await self.endpoints.get(message.endpoint, tenant=None)
        except UnknownEndpoint:
            await self._report(claimed, replace(claimed.delivery, state="failed"), None)
            return
        if endpoint.disabled is not None:
            attempt = Attempt(time.time(), None, 0, f"the endpoint is disabled: {endpoint.disabled}")
        else:
            attempt = await self._post(endpoint, message)
        if attempt.status == GONE:
            await self.endpoints.disable(endpoint, "it answered 410 Gone")
        after, wait_s = self._after(claimed.delivery, attempt, over=endpoint.disabled is not None)
        await self._report(claimed, after, wait_s)

    async def _report(self, claimed: Claimed, after: Delivery, wait_s: float | None) -> None:
        if not await self.deliveries.report(claimed, after, wait_s=wait_s):
            log.info("webhook %s was taken over by another sender", after.message.id)
        elif after.state == "delivered":
            self._count("delivered")
        else:
            self._count("gave_up" if wait_s is None else "failed")

    def _after(self, delivery: Delivery, attempt: Attempt, *, over: bool) -> tuple[Delivery, float | None]:
        """A delivery after a try, and in how many seconds the next one follows, if one does."""
        tries, attempts = delivery.tries + 1, (*delivery.attempts, attempt)[-REMEMBERED_ATTEMPTS:]
        after = replace(delivery, attempts=attempts, tries=tries)
        if attempt.status is not None and 200 <= attempt.status < 300:
            return replace(after, state="delivered"), None
        if over or attempt.status == GONE or tries >= len(self._pace.schedule_s):
            return replace(after, state="failed"), None
        return after, self._pace.schedule_s[tries]

    async def _post(self, endpoint: Endpoint, message: Message) -> Attempt:
        body, at, started_s = message.body.encode(), time.time(), time.monotonic()
        status, error = None, None
        try:
            headers = sign(self.endpoints.secrets_of(endpoint), message.id, int(at), body)
            status = await self._egress.post_json(endpoint.url, body, headers, timeout_s=self._pace.limit_s)
        except (FetchFailed, ForbiddenAddress, SecretUnreadable) as exc:
            error = str(exc)
        if status is not None and not 200 <= status < 300:
            error = "redirects are not followed" if 300 <= status < 400 else "the answer is no success"
        return Attempt(at, status, round((time.monotonic() - started_s) * 1000), error)
