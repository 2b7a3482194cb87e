"""What every store of records refuses."""

import re

from service.errors import BadInput
from service.records.port import Record, UnknownRecord

MAX_BODY_BYTES = 256_000
_KIND = re.compile(r"[a-z0-9_.-]{1,64}")


def check_kind(kind: str) -> None:
    """Raise ValueError for a kind that would not make a clean key."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"the kind {kind!r} must be 1 to 64 lower-case letters, digits, '_', '.' or '-'")


def check_record(record: Record, ttl_s: int | None) -> None:
    """Refuse what cannot be kept.

    Raises:
        BadInput: the body is over 256 kB.
        ValueError: the kind is not clean, or the time to live is not above 0.
    """
    check_kind(record.kind)
    check_ttl(ttl_s)
    size = len(record.body.encode())
    if size > MAX_BODY_BYTES:
        raise BadInput(f"a {record.kind} record of {size} bytes is over {MAX_BODY_BYTES}; shorten it")


def check_ttl(ttl_s: int | None) -> None:
    """Raise ValueError for a time to live that is not above 0."""
    if ttl_s is not None and ttl_s < 1:
        raise ValueError(f"a time to live of {ttl_s} s is none; give 1 or more")


def unknown(kind: str, id_: str) -> UnknownRecord:
    """The error for a record that is not there, or is somebody else's."""
    return UnknownRecord(f"there is no {kind.replace('_', ' ')} {id_}; it was never made, is no longer kept or deleted")
