"""Names of things: a prefix and 26 characters that sort by time (the ULID's layout, in lower case)."""

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
TIME_CHARS, RANDOM_CHARS = 10, 16


def new_id(prefix: str) -> str:
    """A new name such as `st_01kae...`; names made in different milliseconds sort by age."""
    now, chance = time.time_ns() // 1_000_000, secrets.randbits(5 * RANDOM_CHARS)
    return f"{prefix}_{_digits(now, TIME_CHARS)}{_digits(chance, RANDOM_CHARS)}"


def made_at(id_: str) -> float:
    """When a name was made, in unix seconds; raises ValueError for what `new_id` has not made."""
    digits = id_.partition("_")[2][:TIME_CHARS]
    return sum(ALPHABET.index(c) << 5 * i for i, c in enumerate(reversed(digits))) / 1_000


def _digits(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 5 * i & 31] for i in reversed(range(count)))
