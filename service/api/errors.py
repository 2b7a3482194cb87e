"""ApiError > MalformedBody | InvalidBody | BodyTooLarge | BodyTooSlow | WrongMediaType | DigestMismatch | BadHeader |
NoSuchPath | WrongMethod | NoSuchArtifact | Gone | RangeBeyondEnd | NotReady: what a request can do wrong.
"""  # noqa: D205

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.errors import ServiceError

if TYPE_CHECKING:
    from schemas.problem import ProblemField


class ApiError(ServiceError):
    """The base of what the API refuses; `headers` go into the answer."""

    def __init__(self, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = headers or {}


class MalformedBody(ApiError):
    """A body that is not the JSON or the form that it should be."""


class InvalidBody(ApiError):
    """A body that can be read but breaks a rule; `fields` say where and which."""

    def __init__(self, fields: "Sequence[ProblemField]") -> None:
        first = fields[0]
        super().__init__(f"{first.pointer or 'the body'}: {first.detail}")
        self.fields = tuple(fields)

    @classmethod
    def at(cls, pointer: str, detail: str) -> "InvalidBody":
        """One thing that is wrong at one place."""
        from schemas.problem import ProblemField

        return cls([ProblemField(pointer=pointer, detail=detail)])


class BodyTooLarge(ApiError):
    """A body or a part of one is larger than it may be; the connection is closed, the rest is not read."""

    def __init__(self, what: str, limit: int | None = None) -> None:
        most = "it may be" if limit is None else f"{limit} bytes"
        super().__init__(f"{what} is larger than {most}; send less", {"Connection": "close"})


class BodyTooSlow(ApiError):
    """A body comes in too slowly; the connection is closed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"Connection": "close"})


class WrongMediaType(ApiError):
    """A body of a type that this address does not take."""


class DigestMismatch(ApiError):
    """What came in is not what Content-Digest says."""


class BadHeader(ApiError):
    """A header that cannot be understood."""


class NoSuchPath(ApiError):
    """There is nothing at this address."""


class WrongMethod(ApiError):
    """The address exists, but not for this method."""

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        names = ", ".join(allowed)
        super().__init__(f"{method} is not possible here; use {names}", {"Allow": names})


class NoSuchArtifact(ApiError):
    """There is no such artifact, or it is somebody else's."""


class Gone(ApiError):
    """It was here and is no longer kept."""


class RangeBeyondEnd(ApiError):
    """A byte range that begins after the end of a file."""

    def __init__(self, n_bytes: int) -> None:
        super().__init__(
            f"the file has {n_bytes} bytes; ask for a range that begins before its end",
            {"Content-Range": f"bytes */{n_bytes}", "Accept-Ranges": "bytes"},
        )


class NotReady(ApiError):
    """A part that the service needs is missing."""
