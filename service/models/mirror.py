"""Where a model comes from: a folder on this machine, or one behind HTTP. One file at a time, from any byte on."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, unquote, urlsplit

from service.net.errors import FetchFailed

if TYPE_CHECKING:
    import httpx

CHUNK = 1 << 20
_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})


class Mirror(Protocol):
    """Files by their path inside a model."""

    where: str

    def size(self, path: str) -> int | None:
        """How many bytes a file has; None where the other side does not say. Raises FetchFailed."""

    def read(self, path: str, *, start: int = 0) -> Iterator[bytes]:
        """A file from a byte on. The first item may be empty; raises FetchFailed.

        Raises:
            CannotResume: only the whole file is given.
        """


class CannotResume(Exception):
    """A mirror gives files only from their beginning; never leaves this package."""


class FolderMirror:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.where = folder, str(folder)

    def size(self, path: str) -> int | None:
        """How many bytes a file has."""
        try:
            return (self._folder / path).stat().st_size
        except OSError as exc:
            raise self._failed(path, exc) from exc

    def read(self, path: str, *, start: int = 0) -> Iterator[bytes]:
        """A file from a byte on."""
        try:
            with (self._folder / path).open("rb") as file:
                file.seek(start)
                while piece := file.read(CHUNK):
                    yield piece
        except OSError as exc:
            raise self._failed(path, exc) from exc

    def _failed(self, path: str, exc: OSError) -> FetchFailed:
        return FetchFailed(
            f"{self._folder / path} cannot be read ({exc.strerror}); look at the mirror", retryable=False
        )


class HttpMirror:
    """A folder behind http or https; proxies are taken from the environment as usual."""

    def __init__(self, base: str, *, timeout_s: float = 30.0) -> None:
        self.where, self._timeout_s = base.rstrip("/"), timeout_s

    def size(self, path: str) -> int | None:
        """How many bytes a file has, as the server's headers say."""
        with self._asked("HEAD", path, {}) as answer:
            length = answer.headers.get("content-length", "") if answer.status_code == 200 else ""
        return int(length) if length.isdecimal() else None

    def read(self, path: str, *, start: int = 0) -> Iterator[bytes]:
        """A file from a byte on, by a range request."""
        fields = {"Range": f"bytes={start}-"} if start else {}
        with self._asked("GET", path, fields) as answer:
            if start and not (answer.status_code == 206 and _starts_at(answer.headers.get("content-range"), start)):
                raise CannotResume
            yield from answer.iter_raw(CHUNK)

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        return httpx.Client(timeout=self._timeout_s, follow_redirects=True)

    @contextmanager
    def _asked(self, method: str, path: str, fields: dict[str, str]) -> "Iterator[httpx.Response]":
        """The server's answer; one that is none becomes FetchFailed."""
        import httpx

        url = f"{self.where}/{quote(path)}"
        headers = {"Accept-Encoding": "identity", "User-Agent": "tonereel", **fields}
        try:
            with self._client.stream(method, url, headers=headers) as answer:
                if answer.status_code == 416:
                    raise CannotResume
                untold = method == "HEAD" and answer.status_code in {405, 501}
                if answer.status_code not in {200, 206} and not untold:
                    passing = answer.status_code in _MAY_PASS
                    raise FetchFailed(f"{url} answered {answer.status_code}; look at the mirror", retryable=passing)
                yield answer
        except httpx.HTTPError as exc:
            what = str(exc) or type(exc).__name__
            raise FetchFailed(f"{url} does not deliver ({what}); try again, what came is kept", retryable=True) from exc
        except httpx.InvalidURL as exc:
            raise FetchFailed(f"{url} is not an address ({exc})", retryable=False) from exc


def _starts_at(content_range: str | None, start: int) -> bool:
    return (content_range or "").startswith(f"bytes {start}-")


def mirror_of(place: str, inside: str = "") -> Mirror:
    """The mirror at a folder, a file: address or an http(s) address, and the folder `inside` it.

    Raises:
        FetchFailed: it is of another kind.
    """
    parts = urlsplit(place)
    if parts.scheme in {"http", "https"}:
        return HttpMirror("/".join(filter(None, (place.rstrip("/"), quote(inside)))))
    if parts.scheme == "file":
        return FolderMirror(Path(unquote(parts.path)) / inside)
    if parts.scheme and not Path(place).exists():
        raise FetchFailed(f"{place}: only http, https and file addresses, and folders, are mirrors", retryable=False)
    return FolderMirror(Path(place) / inside)
