"""Signatures, against the reference vector of Standard Webhooks and an HMAC written out."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.webhooks.errors import BadSignature
from service.webhooks.signature import new_secret, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIME_S, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_the_reference_vector_comes_out() -> None:
    assert sign([SECRET], ID, TIME_S, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(max_size=300), st.integers(0, 2**40))
def test_a_signature_is_the_hmac_of_id_time_and_body(body: bytes, timestamp: int) -> None:
    secret = new_secret()
    key = base64.b64decode(secret[len("whsec_") :])
    block = key.ljust(64, b"\0")  # RFC 2104 by hand
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + f"m.{timestamp}.".encode() + body).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    assert sign([secret], "m", timestamp, body)["webhook-signature"] == "v1," + base64.b64encode(outer).decode()
    assert hmac.compare_digest(outer, hmac.digest(key, f"m.{timestamp}.".encode() + body, "sha256"))


def is_genuine(secrets: str | list[str], headers: dict[str, str], *, now_s: int = TIME_S) -> bool:
    """Whether a receiver with these secrets takes the headers for ours."""
    try:
        verify(secrets, headers, BODY, now_s=now_s)
    except BadSignature:
        return False
    return True


def test_what_was_signed_verifies_under_any_case_of_names() -> None:
    headers = {name.title(): value for name, value in sign([SECRET], ID, TIME_S, BODY).items()}
    assert is_genuine(SECRET, headers, now_s=TIME_S + 299)
    assert not is_genuine(new_secret(), headers, now_s=TIME_S + 299)


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = new_secret(), new_secret()
    headers = sign([new, old], ID, TIME_S, BODY)
    assert all(is_genuine(secrets, headers) for secrets in (old, new, [new_secret(), old]))
    assert not is_genuine([new_secret(), new_secret()], headers)


def test_signatures_of_other_versions_are_passed_over() -> None:
    headers = sign([SECRET], ID, TIME_S, BODY)
    others = "v1a,xyz v2,abc nonsense"
    assert is_genuine(SECRET, headers | {"webhook-signature": f"{others} {headers['webhook-signature']}"})
    assert not is_genuine(SECRET, headers | {"webhook-signature": others})


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(TIME_S + 1)},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-timestamp": "-1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
)
def test_a_changed_header_does_not_verify(change: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(SECRET, {**sign([SECRET], ID, TIME_S, BODY), **change}, BODY, now_s=TIME_S)


def test_another_body_or_secret_and_a_missing_header_do_not_verify() -> None:
    headers = sign([SECRET], ID, TIME_S, BODY)
    with pytest.raises(BadSignature):
        verify(SECRET, headers, BODY + b" ", now_s=TIME_S)
    with pytest.raises(BadSignature):
        verify(new_secret(), headers, BODY, now_s=TIME_S)
    with pytest.raises(BadSignature, match="webhook-id"):
        verify(SECRET, {}, BODY, now_s=TIME_S)


@pytest.mark.parametrize("off_s", [-301, 301])
def test_a_message_from_another_time_does_not_verify(off_s: int) -> None:
    with pytest.raises(BadSignature, match="300 s"):
        verify(SECRET, sign([SECRET], ID, TIME_S, BODY), BODY, now_s=TIME_S + off_s)


@pytest.mark.parametrize("secret", ["whsec_" + base64.b64encode(bytes(n)).decode() for n in (0, 23, 65)] + ["whsec_!"])
def test_a_secret_of_another_size_is_refused(secret: str) -> None:
    with pytest.raises(BadSignature):
        sign([secret], ID, TIME_S, BODY)
