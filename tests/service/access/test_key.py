"""Secrets and their hashes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.key import BASE62, ApiKey, key_id, looks_like_secret, new_secret, sha256


def test_a_secret_has_its_form_and_is_new_each_time() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(looks_like_secret(secret) and len(secret) == 46 for secret in made)


def test_43_characters_of_base_62_hold_256_bits() -> None:
    assert 62**42 < 2**256 < 62**43
    assert len(set(BASE62)) == 62


@given(st.text())
def test_other_texts_are_no_secrets(text: str) -> None:
    assert not looks_like_secret(text) or len(text) == 46


def test_a_key_knows_its_secret_and_no_other() -> None:
    secret = new_secret()
    key = ApiKey(
        id=key_id(secret), name="n", tenant="t", scopes=("webhooks",), secret_sha256=sha256(secret), created_at=1.0
    )
    assert key.is_of(secret)
    assert not key.is_of(new_secret())


def test_a_key_shows_neither_secret_nor_hash_when_it_is_printed() -> None:
    secret = new_secret()
    key = ApiKey(
        id=key_id(secret), name="n", tenant="t", scopes=("webhooks",), secret_sha256=sha256(secret), created_at=1.0
    )
    assert sha256(secret) not in repr(key)
    assert secret not in key.model_dump_json()


@pytest.mark.parametrize("secret", ["sk_" + "0" * 43, "sk_" + "z" * 43])
def test_the_same_secret_has_the_same_id(secret: str) -> None:
    assert key_id(secret) == key_id(secret)
    assert len(key_id(secret)) == len("key_") + 26
