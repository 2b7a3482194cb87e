"""What is told: the events that exist and the thin message of each."""

import json
from datetime import UTC, datetime
from typing import Literal, get_args

from schemas.soundtrack import JobStatus
from service.jobs.port import JobRecord

Event = Literal["soundtrack.succeeded", "soundtrack.failed", "soundtrack.cancelled"]
EVENTS: tuple[Event, ...] = get_args(Event)
TEST_EVENT = "webhook.test"
EVENT_OF: dict[JobStatus, Event] = {
    "succeeded": "soundtrack.succeeded",
    "failed": "soundtrack.failed",
    "cancelled": "soundtrack.cancelled",
}


def event_of(job: JobRecord) -> Event | None:
    """What the end of a job is called; None while it goes on, and for a job that expired unseen."""
    return EVENT_OF.get(job.status)


def message_id(job: JobRecord) -> str:
    """The message's id: the same however often the end is noticed. It has no dot, for dots part what is signed."""
    return f"msg_{job.id}_{job.status}"


def message(job: JobRecord, event: Event) -> str:
    """The body: enough to know which job it is; everything else is asked for with its id. Same job, same text."""
    at = job.completed_at if job.completed_at is not None else job.created_at
    data = {
        "id": job.id,
        "object": job.kind,
        "status": job.status,
        "batch": job.batch,
        "custom_id": job.custom_id,
        "error": job.error.code if job.error else None,
    }
    return _text(event, at, data)


def trial_message(endpoint_id: str, at: float) -> str:
    """The body of a message that only tries the way."""
    return _text(TEST_EVENT, at, {"id": endpoint_id, "object": "webhook_endpoint", "status": "succeeded"})


def _text(event: str, at: float, data: dict[str, str | None]) -> str:
    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": event, "timestamp": when, "data": data}, separators=(",", ":"))
