"""NetError > ForbiddenAddress | FetchFailed: what fails on the way out."""

from service.errors import ServiceError


class NetError(ServiceError):
    """The base of what fails on the way out (500: only its kinds are raised)."""


class ForbiddenAddress(NetError):
    """A URL that is not fetched: wrong scheme or port, credentials in it, or not on the public internet (422)."""


class FetchFailed(NetError):
    """The other side did not deliver (422); `retryable` says whether it may another time."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
