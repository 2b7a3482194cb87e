"""Secrets at rest."""

import logging

import pytest

from service.settings import Settings
from service.webhooks.errors import SecretUnreadable
from service.webhooks.seal import KeySeal, PlainSeal, seal_from
from service.webhooks.signature import new_secret

SECRET = new_secret()


def test_an_encrypted_secret_opens_again_and_cannot_be_read() -> None:
    seal = KeySeal("key")
    stored = seal.shut(SECRET, "we_1")
    assert SECRET.removeprefix("whsec_") not in stored
    assert seal.open(stored, "we_1") == SECRET
    assert seal.shut(SECRET, "we_1") != stored


def test_another_key_another_place_and_a_changed_text_do_not_open() -> None:
    stored = KeySeal("key").shut(SECRET, "we_1")
    for seal, text, about in (
        (KeySeal("other"), stored, "we_1"),
        (KeySeal("key"), stored, "we_2"),
        (KeySeal("key"), stored[:-4] + "AAA=", "we_1"),
        (KeySeal("key"), "aesgcm1:?", "we_1"),
        (KeySeal("key"), "aesgcm1:", "we_1"),
        (PlainSeal(), stored, "we_1"),
    ):
        with pytest.raises(SecretUnreadable):
            seal.open(text, about)


def test_without_a_signing_key_it_says_once_that_secrets_are_plain(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    seal = seal_from(Settings.from_environment({}))
    stored = [seal.shut(SECRET, "we_1"), seal.shut(SECRET, "we_2")]
    assert [seal.open(text, "we_1") for text in stored] == [SECRET, SECRET]
    assert [r.message for r in caplog.records] == ["webhook secrets are stored unencrypted; set TONEREEL_SIGNING_KEY"]


def test_what_was_stored_plain_opens_after_a_signing_key_was_set() -> None:
    stored = PlainSeal().shut(SECRET, "we_1")
    assert seal_from(Settings.from_environment({"TONEREEL_SIGNING_KEY": "k"})).open(stored, "we_1") == SECRET
