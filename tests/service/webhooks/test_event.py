"""Messages: thin, the same for the same job, with ids that no dot parts."""

import json

from schemas.soundtrack import JobStatus
from service.webhooks.event import EVENTS, event_of, message, message_id
from tests.service.webhooks.jobs import JOB, ended


def test_each_end_has_its_event_and_the_rest_have_none() -> None:
    statuses: tuple[JobStatus, ...] = ("succeeded", "failed", "cancelled")
    assert tuple(event_of(ended(s)) for s in statuses) == EVENTS
    others: tuple[JobStatus, ...] = ("queued", "running", "expired")
    assert [event_of(ended(s)) for s in others] == [None, None, None]


def test_a_message_says_which_job_and_what_came_of_it() -> None:
    assert json.loads(message(ended("failed"), "soundtrack.failed")) == {
        "type": "soundtrack.failed",
        "timestamp": "2023-11-14T22:13:29.500Z",
        "data": {
            "id": JOB,
            "object": "soundtrack",
            "status": "failed",
            "batch": None,
            "custom_id": None,
            "error": "worker-crashed",
        },
    }


def test_the_same_end_makes_the_same_message_with_the_same_id() -> None:
    assert message(ended(), "soundtrack.succeeded") == message(ended(), "soundtrack.succeeded")
    assert message_id(ended()) == f"msg_{JOB}_succeeded"
    assert "." not in message_id(ended())
