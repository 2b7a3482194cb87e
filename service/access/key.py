"""API keys: what is known of one, and how a secret becomes the hash that is kept of it."""

import hashlib
import secrets
from hmac import compare_digest
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from service.ids import ALPHABET as BASE32

Scope = Literal["soundtracks:read", "soundtracks:write", "webhooks", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SECRET_PREFIX, SECRET_CHARS = "sk_", 43  # 43 characters of base 62 hold 256 bits
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class ApiKey(BaseModel):
    """All that is kept of a key. Rates: requests per second and at once; None takes the service's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str = Field(min_length=1, max_length=100)
    tenant: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    scopes: tuple[Scope, ...] = Field(min_length=1)
    secret_sha256: str = Field(repr=False)
    requests_per_s: float | None = Field(default=None, gt=0)
    burst: int | None = Field(default=None, ge=1)
    max_outstanding: int | None = Field(default=None, ge=1)
    created_at: float
    revoked_at: float | None = None

    def is_of(self, secret: str) -> bool:
        """Whether a secret is this key's; takes the same time for every wrong one."""
        return compare_digest(self.secret_sha256, sha256(secret))


def new_secret() -> str:
    """A secret of 256 random bits such as `sk_0Fz...`."""
    value = secrets.randbits(256)
    return SECRET_PREFIX + "".join(BASE62[value // 62**i % 62] for i in reversed(range(SECRET_CHARS)))


def sha256(secret: str) -> str:
    """The hash that stands for a secret; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_id(secret: str) -> str:
    """The id of a secret's key: the first 130 bits of its hash, so that one read finds it.

    Knowing half of the hash helps nobody: the secret has 256 bits of its own.
    """
    value = int(sha256(secret), 16) >> (256 - 130)
    return "key_" + "".join(BASE32[value >> 5 * i & 31] for i in reversed(range(26)))


def looks_like_secret(text: str) -> bool:
    """Whether a text has the form of a secret; anything else need not be looked up."""
    body = text.removeprefix(SECRET_PREFIX)
    return body != text and len(body) == SECRET_CHARS and all(c in BASE62 for c in body)
