"""AccessError > MissingKey | BadKey | MissingScope | TooManyRequests | UnknownKey | LimiterUnavailable."""

from service.errors import ServiceError

CHALLENGE = "Bearer"  # WWW-Authenticate of every 401 (RFC 6750 section 3)


class AccessError(ServiceError):
    """The base of what the gate refuses (500: only its kinds are raised)."""


class MissingKey(AccessError):
    """A request carries no API key (401, `WWW-Authenticate: Bearer`)."""

    challenge = CHALLENGE


class BadKey(AccessError):
    """The API key is unknown or revoked (401, `WWW-Authenticate: Bearer error="invalid_token"`)."""

    challenge = f'{CHALLENGE} error="invalid_token"'


class MissingScope(AccessError):
    """The API key is good, but not for this (403)."""


class TooManyRequests(AccessError):
    """A key, or somebody without one, asks too often (429); `headers` are for the answer."""

    def __init__(self, retry_after_s: float, limit: int, remaining: int, headers: dict[str, str]) -> None:
        super().__init__(f"too many requests; try again in {retry_after_s:.1f} s")
        self.retry_after_s, self.limit, self.remaining, self.headers = retry_after_s, limit, remaining, headers


class UnknownKey(AccessError):
    """There is no API key with this id (404)."""


class LimiterUnavailable(AccessError):
    """Redis does not answer, so nobody can be let in (503)."""
