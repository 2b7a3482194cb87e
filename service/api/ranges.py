"""A single byte range (RFC 9110 section 14); anything that is not one is passed over, and the whole file is sent."""

import re

from service.api.errors import RangeBeyondEnd

_ONE = re.compile(r"bytes\s*=\s*(\d{0,19})-(\d{0,19})", re.IGNORECASE)
MAX_LENGTH = 64


def range_of(header: str | None, n_bytes: int) -> tuple[int, int] | None:
    """The first byte that is wanted and the one after the last; None for the whole file.

    Several ranges count as none: answering them one by one is what CVE-2025-62727 was about.

    Raises:
        RangeBeyondEnd: nothing of the range lies in the file.
    """
    found = _ONE.fullmatch(header.strip()) if header is not None and len(header) <= MAX_LENGTH else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = int(found[2])
        if last == 0 or n_bytes == 0:
            raise RangeBeyondEnd(n_bytes)
        return max(0, n_bytes - last), n_bytes
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= n_bytes:
        raise RangeBeyondEnd(n_bytes)
    return start, min(n_bytes, int(found[2]) + 1) if found[2] else n_bytes
