"""Signing and verifying messages as Standard Webhooks 1.0.0 says, with symmetric secrets (v1).

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets as chance
import time
from collections.abc import Mapping, Sequence

from service.webhooks.errors import BadSignature

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
SECRET_PREFIX, SECRET_BYTES = "whsec_", 32
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
VERSION = "v1"
TOLERANCE_S = 300


def new_secret() -> str:
    """A secret of 256 random bits such as `whsec_MfKQ...`."""
    return SECRET_PREFIX + base64.b64encode(chance.token_bytes(SECRET_BYTES)).decode()


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; one signature for each secret, so that receivers can change theirs in peace.

    Args:
        secrets: what the receiver may hold, the newest first.
        message_id: the same for every try of a message.
        timestamp: unix seconds of this try.
        body: the exact bytes that are sent.
    """
    marks = (f"{VERSION},{_mark(secret, message_id, str(timestamp), body)}" for secret in secrets)
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(marks)}


def verify(
    secrets: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now_s: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> None:
    """Return if a message was signed with one of the secrets and is not old; for receivers.

    Raises:
        BadSignature: a header is missing, the message is older or newer than `tolerance_s`, or no signature fits.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if name not in fields]
    if missing:
        raise BadSignature(f"the message has no {' and no '.join(missing)}")
    timestamp = fields[TIMESTAMP]
    if not (timestamp.isascii() and timestamp.isdecimal()):
        raise BadSignature(f"{TIMESTAMP} is not a number of seconds")
    now_s = time.time() if now_s is None else now_s
    if abs(now_s - int(timestamp)) > tolerance_s:
        raise BadSignature(f"the message is more than {tolerance_s:.0f} s off this clock")
    given = [
        mark for version, _, mark in (part.partition(",") for part in fields[SIGNATURE].split()) if version == VERSION
    ]
    expected = [_mark(s, fields[ID], timestamp, body) for s in ([secrets] if isinstance(secrets, str) else secrets)]
    if not any(hmac.compare_digest(a.encode(), b.encode()) for a in given for b in expected):
        raise BadSignature("no signature of the message fits; is this the endpoint's secret?")


def _mark(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadSignature(f"the secret is not {SECRET_PREFIX} and base64") from exc
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise BadSignature(f"the secret holds {len(key)} bytes; it must be {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES}")
    return key
