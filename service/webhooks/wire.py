"""What the webhook routes take and give."""

from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from schemas.base import WireModel
from service.webhooks.endpoint import Endpoint
from service.webhooks.event import EVENTS, Event
from service.webhooks.port import Attempt, Delivery, State

EXAMPLE_ID = "we_01kb3w9h8x5m2c7q4r6t8v0y1z"
EXAMPLE: dict[str, JsonValue] = {
    "id": EXAMPLE_ID,
    "object": "webhook_endpoint",
    "url": "https://example.com/hooks/tonereel",
    "events": ["soundtrack.succeeded", "soundtrack.failed"],
    "every_job": True,
    "created_at": "2026-11-20T09:00:00Z",
}
EXAMPLE_ATTEMPT: dict[str, JsonValue] = {"at": "2026-11-20T09:00:01.200Z", "status": 204, "latency_ms": 87}


class EndpointRequest(WireModel):
    """Whom to tell, of what. `every_job`: also of jobs whose request names no endpoint."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://example.com/hooks/tonereel", "events": list(EVENTS)}]}
    )

    url: str = Field(max_length=2_000, description="An https address on the public internet.")
    events: tuple[Event, ...] = Field(default=EVENTS, min_length=1, max_length=len(EVENTS))
    every_job: bool = True


class EndpointView(WireModel):
    """An endpoint. `disabled` says why nothing is sent to it any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    object: str = "webhook_endpoint"
    url: str
    events: tuple[Event, ...]
    every_job: bool
    disabled: str | None = None
    created_at: AwareDatetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """What may be shown of an endpoint."""
        return cls.model_validate(_shown(endpoint))


class NewEndpointView(EndpointView):
    """An endpoint with its secret, which is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**EXAMPLE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]}
    )

    secret: str = Field(repr=False, description="Verifies the signatures of messages; keep it.")

    @classmethod
    def with_secret(cls, endpoint: Endpoint, secret: str) -> Self:
        """What is shown of an endpoint once."""
        return cls.model_validate({**_shown(endpoint), "secret": secret})


class EndpointList(WireModel):
    """All endpoints of a tenant, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [EXAMPLE]}]})

    data: tuple[EndpointView, ...]


class AttemptView(WireModel):
    """One try: when, the HTTP status if there was one, or why there was none."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ATTEMPT]})

    at: AwareDatetime
    status: int | None = None
    latency_ms: int
    error: str | None = None

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """One try as it is shown."""
        return cls(at=_date(attempt.at), status=attempt.status, latency_ms=attempt.latency_ms, error=attempt.error)


class DeliveryView(WireModel):
    """A message to an endpoint and how it fared; `next_at` is the next try."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "msg_st_01kb3w9h8x5m2c7q4r6t8v0y1z_succeeded",
                    "event": "soundtrack.succeeded",
                    "state": "delivered",
                    "attempts": [EXAMPLE_ATTEMPT],
                    "created_at": "2026-11-20T09:00:01Z",
                }
            ]
        }
    )

    id: str = Field(description="The same as the header webhook-id.")
    event: str
    state: State
    attempts: tuple[AttemptView, ...]
    next_at: AwareDatetime | None = None
    created_at: AwareDatetime

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """A delivery as it is shown."""
        return cls(
            id=delivery.message.id,
            event=delivery.message.event,
            state=delivery.state,
            attempts=tuple(AttemptView.of(a) for a in delivery.attempts),
            next_at=_date(delivery.next_at) if delivery.state == "pending" and delivery.next_at is not None else None,
            created_at=_date(delivery.message.created_at),
        )


class DeliveryList(WireModel):
    """The last hundred deliveries of an endpoint, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": []}]})

    data: tuple[DeliveryView, ...]


def _shown(endpoint: Endpoint) -> dict[str, object]:
    kept = endpoint.model_dump(exclude={"tenant", "secrets", "created_at"})
    return {**kept, "created_at": _date(endpoint.created_at), "disabled": endpoint.disabled}


def _date(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
