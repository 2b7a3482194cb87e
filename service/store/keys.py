"""Which keys an object may have: relative, plain, and the same thing to a file system and to S3."""

import unicodedata

from service.store.port import StoreError

MOST_BYTES, MOST_SEGMENT_BYTES = 900, 200  # S3 takes 1,024 bytes of key with its prefix, file systems 255 of a name
PARTIAL = ".partial"  # objects being written; no key begins with it


def checked_key(key: str) -> str:
    """The key itself.

    Raises:
        StoreError: it is empty, absolute, too long, or has `.`, `..`, a backslash or a control character in it.
    """
    segments = key.split("/")
    if any(fault in segments for fault in ("", ".", "..")) or segments[0] == PARTIAL:
        raise StoreError(f"{key!r} is no key; keys are relative and have neither empty parts nor . nor ..")
    if any(c == "\\" or unicodedata.category(c) in {"Cc", "Cs"} for c in key):
        raise StoreError(f"{key!r} is no key; take out control characters, lone surrogates and backslashes")
    if len(key.encode()) > MOST_BYTES or any(len(s.encode()) > MOST_SEGMENT_BYTES for s in segments):
        raise StoreError(f"a key of {len(key.encode())} bytes is too long; shorten its names")
    return key


def checked_prefix(prefix: str) -> str:
    """The prefix itself; raises StoreError unless it is a key and `/`, so that `jobs/1` never means `jobs/10`."""
    if not prefix.endswith("/"):
        raise StoreError(f"{prefix!r} is no prefix; end it with /")
    checked_key(prefix[:-1])
    return prefix
