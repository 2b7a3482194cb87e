"""Connections that can only go to addresses that were checked."""

import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

import httpcore

from service.net.address import IpAddress
from service.net.policy import Policy


class Pinned(httpcore.AsyncNetworkBackend):
    """A network whose every name leads to the same checked addresses, so that nothing is resolved a second time.

    TLS is none of its business: the certificate is still checked against the name.
    """

    def __init__(self, addresses: Sequence[IpAddress]) -> None:
        self._addresses, self._inner = tuple(addresses), httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial the addresses one after the other until one answers; raises the last one's error."""
        share = None if timeout is None else timeout / len(self._addresses)
        for address in self._addresses[:-1]:
            try:
                return await self._inner.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(str(self._addresses[-1]), port, share, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def pool_to(addresses: Sequence[IpAddress], policy: Policy, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """A pool for one request: straight to the addresses, or through the proxy where there is one."""
    if policy.proxy is None:
        return httpcore.AsyncConnectionPool(ssl_context=tls, max_connections=1, network_backend=Pinned(addresses))
    parts = urlsplit(policy.proxy)
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return httpcore.AsyncHTTPProxy(place, proxy_auth=login, ssl_context=tls, max_connections=1)
