"""Headers with which a client says how it wants to be answered."""

import re

from service.api.errors import BadHeader

MAX_WAIT_S = 60
MAX_KEY = 255
_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:,|;|$)", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def wait_of(prefer: str | None) -> int | None:
    """The seconds of `Prefer: wait=N` (RFC 7240), at most 60; None without it, and for what cannot be understood."""
    found = _WAIT.search(prefer or "")
    return None if found is None else min(int(found[1]), MAX_WAIT_S)


def idempotency_key_of(value: str | None) -> str | None:
    """The key of an Idempotency-Key header, with or without quotes around it; None without the header.

    Raises:
        BadHeader: it is empty, too long, or holds anything but visible ASCII.
    """
    if value is None:
        return None
    key = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise BadHeader(f"Idempotency-Key must be 1 to {MAX_KEY} visible ASCII characters")
    return key
