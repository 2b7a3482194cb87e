"""Deliveries as the service knows them: messages that are due, and the log of each endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

State = Literal["pending", "delivered", "failed"]
LOGGED = 100  # deliveries of an endpoint that are remembered after their end
SCANNED = 1_000  # due deliveries that one claim looks at
PUT_OFF_S = 5.0  # when all of them belong to endpoints with their hands full


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to one endpoint; `body` is the exact JSON text, `created_at` unix seconds."""

    id: str
    endpoint: str
    tenant: str
    event: str
    body: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when (unix seconds), what the other side answered, or why it did not."""

    at: float
    status: int | None
    latency_ms: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and how it fared. `tries` counts from the last replay; `next_at` is None when no try follows."""

    message: Message
    state: State = "pending"
    attempts: tuple[Attempt, ...] = ()
    tries: int = 0
    next_at: float | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due delivery in one sender's hands until its lease ends; `token` is the fence."""

    delivery: Delivery
    token: str


@dataclass(frozen=True, slots=True)
class Share:
    """How much one claim may take: in all and of one endpoint, of which `busy` are in hand already."""

    most: int
    of_one: int
    busy: Mapping[str, int]


class Deliveries(Protocol):
    """Durable and idempotent. All methods may raise DeliveriesUnavailable; times are the server's."""

    async def add(self, message: Message) -> bool:
        """Make a message due now; False, and nothing else, when it was added before."""

    async def claim(self, share: Share, *, lease_s: float) -> tuple[Claimed, ...]:
        """Take what is due, the longest due first; what is not reported in `lease_s` becomes due again."""

    async def report(self, claimed: Claimed, delivery: Delivery, *, wait_s: float | None) -> bool:
        """Write how a try went; a pending delivery is due again in `wait_s`. False when the lease was lost."""

    async def log(self, endpoint: str) -> tuple[Delivery, ...]:
        """The last hundred deliveries of an endpoint, newest first."""

    async def get(self, endpoint: str, id_: str) -> Delivery:
        """One delivery; raises UnknownDelivery."""

    async def replay(self, endpoint: str, id_: str) -> Delivery:
        """Make a delivery due now, with its tries counted anew; raises UnknownDelivery."""

    async def drop(self, endpoint: str) -> None:
        """Forget an endpoint's deliveries."""
