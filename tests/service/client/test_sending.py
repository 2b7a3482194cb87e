"""When a request is sent again, and after how long."""

import pytest

from schemas.soundtrack import Upload
from service.client.effects import Call, Dropped, Reply
from service.client.errors import ApiError, Misunderstood, Unreachable
from service.client.sending import Patience, parsed, problem_of, sent
from tests.service.client.steps import play, slept

OK = Reply(200)
GET = Call("GET", "/x")
ONCE = Call("POST", "/x", repeatable=False)
PATIENCE = Patience(tries=5, first_s=1.0, most_s=4.0, chance=lambda: 1.0)


def refusal(status: int, *, retry_after: str | None = None, retryable: bool = False) -> Reply:
    body = f'{{"title": "No", "status": {status}, "detail": "because", "retryable": {str(retryable).lower()}}}'
    return Reply(status, {"retry-after": retry_after} if retry_after else {}, body.encode())


def test_pauses_double_up_to_a_bound() -> None:
    reply, effects = play(sent(GET, PATIENCE), [Dropped("x")] * 4 + [OK])
    assert reply == OK
    assert slept(effects) == [1.0, 2.0, 4.0, 4.0]


def test_chance_halves_a_pause_at_most() -> None:
    assert Patience(first_s=1.0, chance=lambda: 0.0).pause_s(1) == 0.5


def test_a_service_that_says_when_is_asked_then() -> None:
    _, effects = play(sent(GET, PATIENCE), [refusal(429, retry_after="7"), refusal(503), OK])
    assert slept(effects) == [7.0, 2.0]


def test_a_service_that_asks_for_more_patience_than_there_is_is_not_waited_for() -> None:
    with pytest.raises(ApiError) as refused:
        play(sent(GET, PATIENCE), [refusal(429, retry_after="3600")])
    assert refused.value.retry_after_s == 3600.0


def test_what_the_service_calls_passing_is_tried_again() -> None:
    _, effects = play(sent(GET, PATIENCE), [refusal(409, retryable=True), OK])
    assert len(slept(effects)) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 410, 422, 500])
def test_other_refusals_are_final(status: int) -> None:
    with pytest.raises(ApiError, match="because"):
        play(sent(GET, PATIENCE), [refusal(status)])


def test_what_may_not_be_repeated_is_sent_once() -> None:
    with pytest.raises(Unreachable):
        play(sent(ONCE, PATIENCE), [Dropped("x")])
    with pytest.raises(ApiError):
        play(sent(ONCE, PATIENCE), [refusal(503)])


def test_tries_are_counted_over_both_kinds_of_failure() -> None:
    mixed: list[Reply | Dropped] = [Dropped("x"), refusal(503), Dropped("x"), refusal(503)]
    with pytest.raises(ApiError):
        play(sent(GET, PATIENCE), [*mixed, refusal(503)])
    with pytest.raises(Unreachable, match="5 tries"):
        play(sent(GET, PATIENCE), [*mixed, Dropped("x")])


def test_deleting_what_is_not_there_is_an_error_unless_it_may_have_been_us() -> None:
    delete = Call("DELETE", "/x")
    assert play(sent(delete, PATIENCE), [Dropped("x"), refusal(404)])[0].status == 404
    with pytest.raises(ApiError):
        play(sent(delete, PATIENCE), [refusal(404)])


def test_what_is_no_problem_is_made_into_one() -> None:
    assert problem_of(Reply(502, {}, b"<h1>Bad\n gateway</h1>")).detail == "<h1>Bad gateway</h1>"
    assert problem_of(Reply(302)).status == 502


def test_fields_that_a_newer_service_has_are_left_out_and_nonsense_is_not() -> None:
    body = (
        b'{"id": "upl_00000000000000000000000000", "kind": "video", "name": "a", "media_type": "video/mp4",'
        b' "n_bytes": 1, "sha256": "x", "expires_at": "2030-01-01T00:00:00Z", "newer": {"a": 1}}'
    )
    assert parsed(Upload, Reply(201, {}, body)).name == "a"
    with pytest.raises(Misunderstood, match="Upload"):
        parsed(Upload, Reply(200, {}, b"<html>"))
