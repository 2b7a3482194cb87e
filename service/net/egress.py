"""The way out: check a URL, fetch a file from it, post a webhook to it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

import httpcore

from service.errors import OutputUnwritable
from service.net.address import IpAddress
from service.net.dial import pool_to
from service.net.errors import FetchFailed, ForbiddenAddress
from service.net.policy import Policy
from service.net.resolve import Resolver, addresses_of, system_resolver
from service.net.target import Target, parse
from service.settings import Settings

USER_AGENT = "tonereel"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})
FOR_USERS = Policy()
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came: its size, and its media type as the other side claims it."""

    n_bytes: int
    media_type: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A target and the checked addresses that stand for it; none where a proxy finds them."""

    target: Target
    addresses: tuple[IpAddress, ...]


class Egress:
    """Requests to addresses that users name. Environment proxies, cookies and caches play no part."""

    def __init__(
        self,
        policy: Policy = FOR_USERS,
        *,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy, self._resolver, self._given_tls = policy, resolver, tls

    async def check_url(self, url: str) -> None:
        """Return if a URL may be fetched as things are now; nothing is connected to.

        Raises:
            ForbiddenAddress: it may not.
            FetchFailed: its name cannot be resolved.
        """
        await self._locate(url)

    async def fetch(self, url: str, to: Path, *, max_bytes: int) -> Fetched:
        """Copy what a URL holds into a file; nothing is left of it when that fails.

        Raises:
            ForbiddenAddress: the URL, or one that it redirects to, may not be fetched.
            FetchFailed: the other side does not deliver, or more than `max_bytes`.
            OutputUnwritable: the file cannot be written.
        """
        try:
            async with asyncio.timeout(self._policy.total_s):
                return await self._follow(url, to, max_bytes)
        except TimeoutError as exc:
            raise FetchFailed(f"the file did not arrive within {self._policy.total_s:.0f} s", retryable=True) from exc

    async def post_json(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float) -> int:
        """Post JSON and return the HTTP status; no redirect is followed and no answer is read.

        Raises:
            ForbiddenAddress: the URL may not be posted to.
            FetchFailed: nobody answered in time.
        """
        fields = [("Content-Type", "application/json"), *headers.items()]
        try:
            async with asyncio.timeout(timeout_s):
                place = await self._locate(url)
                async with self._request(place, fields, body=body) as answer:
                    return answer.status
        except TimeoutError as exc:
            raise FetchFailed(f"no answer within {timeout_s:.0f} s", retryable=True) from exc

    async def _follow(self, url: str, to: Path, max_bytes: int) -> Fetched:
        for _ in range(self._policy.redirects + 1):
            place = await self._locate(url)
            async with self._request(place, []) as answer:
                fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                if answer.status in REDIRECTS and "location" in fields:
                    url = _joined(place.target, fields["location"])
                    continue
                _check(answer.status, fields, place.target, max_bytes)
                return Fetched(await _save(answer, to, max_bytes), fields.get("content-type"))
        raise FetchFailed(f"more than {self._policy.redirects} redirects; give the last address", retryable=False)

    async def _locate(self, url: str) -> _Place:
        target = parse(url, self._policy)
        if self._policy.proxy is not None:  # it resolves names, and checks what they lead to
            return _Place(target, ())
        return _Place(target, await addresses_of(target, self._policy, self._resolver))

    @asynccontextmanager
    async def _request(
        self, place: _Place, fields: Headers, *, body: bytes | None = None
    ) -> AsyncIterator[httpcore.Response]:
        target, policy = place.target, self._policy
        waits = {"connect": policy.connect_s, "pool": policy.connect_s, "read": policy.idle_s, "write": policy.idle_s}
        common = [("Host", target.authority), ("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
        length = [] if body is None else [("Content-Length", str(len(body)))]
        request = httpcore.Request(
            "GET" if body is None else "POST",
            httpcore.URL(
                scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
            ),
            headers=[(name.encode(), value.encode()) for name, value in (*common, *length, *fields)],
            content=body,
            extensions={"timeout": waits},
        )
        try:
            async with pool_to(place.addresses, policy, self._tls) as pool:
                answer = await pool.handle_async_request(request)
                try:
                    yield answer
                finally:
                    await answer.aclose()
        except (httpcore.TimeoutException, httpcore.NetworkError) as exc:
            raise _no_answer(target, exc) from exc
        except (httpcore.ProtocolError, httpcore.ProxyError) as exc:
            raise FetchFailed(f"{target.host} broke off or does not speak HTTP", retryable=True) from exc

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpcore.default_ssl_context()


def egress_from(settings: Settings) -> Egress:
    """The way out as the settings have it."""
    proxy = settings.egress_proxy
    return Egress(FOR_USERS if proxy is None else Policy(proxy=proxy.get_secret_value()))


def _joined(target: Target, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError as exc:
        raise ForbiddenAddress(f"{target.host} redirects to something that is not a URL") from exc


def _no_answer(target: Target, error: Exception) -> FetchFailed:
    if any(isinstance(arg, ssl.SSLCertVerificationError) for arg in error.args):  # httpcore wraps it as an argument
        return FetchFailed(f"{target.host} has no valid certificate for its name", retryable=False)
    return FetchFailed(f"{target.host} does not answer ({type(error).__name__})", retryable=True)


def _check(status: int, fields: Mapping[str, str], target: Target, max_bytes: int) -> None:
    if status != 200:
        raise FetchFailed(f"{target.host} answered {status}; the file must be public", retryable=status in MAY_PASS)
    if fields.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed(f"{target.host} sends the file compressed though asked not to", retryable=False)
    length = fields.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> FetchFailed:
    return FetchFailed(f"the file is larger than {max_bytes} bytes; send a smaller one", retryable=False)


async def _save(answer: httpcore.Response, to: Path, max_bytes: int) -> int:
    n_bytes, whole = 0, False
    try:
        with to.open("wb") as file:
            async for piece in answer.aiter_stream():
                n_bytes += len(piece)
                if n_bytes > max_bytes:
                    raise _too_large(max_bytes)
                await asyncio.to_thread(file.write, piece)
        whole = True
    except OSError as exc:
        raise OutputUnwritable("a fetched file cannot be written; free some space") from exc
    finally:
        if not whole:
            to.unlink(missing_ok=True)
    return n_bytes
