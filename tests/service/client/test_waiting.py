"""How waiting asks, without a clock that runs by itself."""

import json

import pytest

from service.client.effects import Reply, Send
from service.client.errors import TimedOut
from service.client.jobs import waited
from service.client.sending import Patience
from tests.service.client.steps import play, slept

JOB = {
    "id": "st_" + "0" * 26,
    "object": "soundtrack",
    "priority": "interactive",
    "seed": 0,
    "input": {"sources": [{"kind": "caption", "text": "x"}]},
    "created_at": "2030-01-01T00:00:00Z",
}


def seen(status: str, *, retry_after: str | None = None) -> Reply:
    headers = {"retry-after": retry_after} if retry_after else {}
    return Reply(200, headers, json.dumps(JOB | {"status": status}).encode())


def clock(*times_s: float) -> Patience:
    return Patience(now_s=iter(times_s).__next__)


def test_an_answer_that_was_held_back_is_followed_by_the_next_question_at_once() -> None:
    steps = waited("st_1", 600.0, clock(0.0, 0.0, 60.0, 60.0, 120.0))
    job, effects = play(steps, [seen("running", retry_after="30"), seen("succeeded")])
    assert job.is_over
    assert slept(effects) == []
    assert [e.call.params["wait"] for e in effects if isinstance(e, Send)] == ["60", "60"]


def test_a_service_that_answers_at_once_is_asked_when_it_says() -> None:
    steps = waited("st_1", 600.0, clock(0.0, 0.0, 0.1, 5.0, 5.1, 6.0))
    _, effects = play(steps, [seen("queued", retry_after="5"), seen("running"), seen("failed")])
    assert slept(effects) == [5.0, 1.0]


def test_no_longer_is_waited_than_was_given() -> None:
    steps = waited("st_1", 10.0, clock(0.0, 0.0, 1.0, 9.0, 10.0))
    with pytest.raises(TimedOut, match="running after 10 s"):
        play(steps, [seen("running", retry_after="30"), seen("running")])


def test_without_a_limit_waiting_goes_on() -> None:
    steps = waited("st_1", None, clock(0.0, 60.0, 60.0, 120.0, 120.0))
    assert play(steps, [seen("queued"), seen("running"), seen("succeeded")])[0].is_over
