"""Secrets do not show, and ordinary words do."""

import pytest

from service.observe.censor import HIDDEN, Censor

SECRETS = (
    "Authorization: Bearer abc.DEF-123456",
    "key sk_0123456789abcdef was used",
    "signed with whsec_QUJDREVGR0hJSg==",
    "redis://:hunter2hunter@cache:6379/0",
    "rediss://user:hunter2hunter@cache",
    "https://store/x?X-Amz-Signature=deadbeef01&a=1",
    "AKIAABCDEFGHIJKLMNOP",
    '{"password": "hunter2hunter"}',
    "api_key=hunter2hunter",
)


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_hidden_by_its_shape(line: str) -> None:
    shown = Censor().text(line)
    assert HIDDEN in shown
    for word in ("hunter2", "abc.DEF", "0123456789abcdef", "QUJDREVG", "deadbeef", "AKIAABCD"):
        assert word not in shown


def test_a_known_value_is_hidden_wherever_it_stands() -> None:
    assert "plainword" not in Censor(["plainword"]).text("the plainword, quoted 'plainword'")


def test_a_short_known_value_does_not_blot_out_words() -> None:
    assert Censor(["a"]).text("a cat") == "a cat"


def test_a_field_named_like_a_secret_is_hidden() -> None:
    assert Censor().field("webhook_secret", "anything") == HIDDEN
    assert Censor().field("Authorization", "x") == HIDDEN


@pytest.mark.parametrize("line", ["POST /v1/soundtracks 202", "st_01kae0000000000000000000 took 3.2 s", "key D minor"])
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert Censor().text(line) == line


def test_numbers_stay_numbers() -> None:
    assert Censor().field("seconds", 1.5) == 1.5
    assert Censor().field("well", True) is True
