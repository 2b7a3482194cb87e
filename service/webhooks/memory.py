"""Deliveries of one process, for tests and for trying things out; keeps the same contract as Redis."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from service.ids import new_id
from service.webhooks.errors import UnknownDelivery
from service.webhooks.port import LOGGED, PUT_OFF_S, SCANNED, Claimed, Delivery, Message, Share

Place = tuple[str, str]  # endpoint, message


@dataclass(slots=True)
class _Kept:
    delivery: Delivery
    due_at: float | None
    token: str | None = None


class MemoryDeliveries:
    """Deliveries in dictionaries; `now_s` is the clock."""

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s, self._seen = now_s, set[Place]()
        self._kept, self._logs = dict[Place, _Kept](), dict[str, list[str]]()

    async def add(self, message: Message) -> bool:
        """Make a message due now; False when it was added before."""
        place = (message.endpoint, message.id)
        if place in self._seen:
            return False
        self._seen.add(place)
        self._kept[place] = _Kept(Delivery(message), self._now_s())
        log = self._logs.setdefault(message.endpoint, [])
        log.append(message.id)
        while len(log) > LOGGED:
            self._let_go((message.endpoint, log.pop(0)))
        return True

    async def claim(self, share: Share, *, lease_s: float) -> tuple[Claimed, ...]:
        """Take what is due, the longest due first."""
        now, busy, claims = self._now_s(), dict(share.busy), list[Claimed]()
        due = sorted((k.due_at, place) for place, k in self._kept.items() if k.due_at is not None and k.due_at <= now)
        for _, place in due[:SCANNED]:
            if len(claims) < share.most and busy.get(place[0], 0) < share.of_one:
                busy[place[0]] = busy.get(place[0], 0) + 1
                kept = self._kept[place]
                kept.due_at, kept.token = now + lease_s, new_id("lease")
                claims.append(Claimed(self._view(kept), kept.token))
        if not claims and len(due) >= SCANNED:
            for _, place in due[:SCANNED]:
                self._kept[place].due_at = now + PUT_OFF_S
        return tuple(claims)

    async def report(self, claimed: Claimed, delivery: Delivery, *, wait_s: float | None) -> bool:
        """Write how a try went; False when the lease was lost."""
        place = (delivery.message.endpoint, delivery.message.id)
        kept = self._kept.get(place)
        if kept is None or kept.token != claimed.token:
            return False
        kept.delivery, kept.token = delivery, None
        kept.due_at = None if wait_s is None else self._now_s() + wait_s
        if place[1] not in self._logs.get(place[0], ()):
            self._let_go(place)
        return True

    async def log(self, endpoint: str) -> tuple[Delivery, ...]:
        """The last hundred deliveries of an endpoint, newest first."""
        return tuple(self._view(self._kept[endpoint, id_]) for id_ in reversed(self._logs.get(endpoint, [])))

    async def get(self, endpoint: str, id_: str) -> Delivery:
        """One delivery; raises UnknownDelivery."""
        return self._view(self._find(endpoint, id_))

    async def replay(self, endpoint: str, id_: str) -> Delivery:
        """Make a delivery due now, with its tries counted anew; raises UnknownDelivery."""
        kept = self._find(endpoint, id_)
        kept.delivery = replace(kept.delivery, state="pending", tries=0)
        kept.due_at, kept.token = self._now_s(), None
        return self._view(kept)

    async def drop(self, endpoint: str) -> None:
        """Forget an endpoint's deliveries."""
        for id_ in self._logs.pop(endpoint, []):
            del self._kept[endpoint, id_]

    def _find(self, endpoint: str, id_: str) -> _Kept:
        if (endpoint, id_) not in self._kept:
            raise UnknownDelivery(f"there is no delivery {id_} to {endpoint}; it may be too old")
        return self._kept[endpoint, id_]

    def _view(self, kept: _Kept) -> Delivery:
        return replace(kept.delivery, next_at=kept.due_at)

    def _let_go(self, place: Place) -> None:
        if self._kept[place].delivery.state != "pending":
            del self._kept[place]
