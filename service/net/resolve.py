"""From a name to addresses, all of which may be dialled."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Protocol

from service.net.address import IpAddress
from service.net.errors import FetchFailed, ForbiddenAddress
from service.net.policy import Policy
from service.net.target import Target


class Resolver(Protocol):
    """Asks for the addresses of a name."""

    async def __call__(self, host: str, port: int) -> tuple[IpAddress, ...]:
        """All addresses, the preferred first; raises OSError."""


async def system_resolver(host: str, port: int) -> tuple[IpAddress, ...]:
    """Ask the operating system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(info[4][0]) for info in found))


async def addresses_of(target: Target, policy: Policy, resolver: Resolver) -> tuple[IpAddress, ...]:
    """Where a target may be dialled. One bad address spoils all: which one would be dialled is not ours to say.

    The message never names an address, so that nobody can map an inner network with it.

    Raises:
        ForbiddenAddress: an address is not on the public internet.
        FetchFailed: the name has no address, or nobody answers.
    """
    if target.address is not None:
        return (target.address,)
    try:
        async with asyncio.timeout(policy.connect_s):
            found = await resolver(target.host, target.port)
    except (TimeoutError, OSError) as exc:
        passing = not isinstance(exc, socket.gaierror) or exc.errno == socket.EAI_AGAIN
        raise FetchFailed(f"{target.host} cannot be resolved; check the name", retryable=passing) from exc
    if not found:
        raise FetchFailed(f"{target.host} has no address; check the name", retryable=False)
    if not all(policy.allows(address) for address in found):
        raise ForbiddenAddress(f"{target.host} is not on the public internet")
    return found
