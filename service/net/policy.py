"""What may be reached, how far to follow and how long to wait."""

from dataclasses import dataclass
from ipaddress import IPv6Address

from service.net.address import IpAddress, is_public


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of the way out; the defaults are for URLs from users.

    `ports` None allows all. `loopback` is for development and tests: this machine is then reachable as well.
    `proxy` is an http(s) proxy that resolves and checks names itself. Times are seconds.
    """

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = frozenset({443})
    loopback: bool = False
    proxy: str | None = None
    redirects: int = 3
    connect_s: float = 10.0
    idle_s: float = 30.0
    total_s: float = 600.0

    def allows(self, address: IpAddress) -> bool:
        """Whether an address may be dialled."""
        return is_public(address) or (self.loopback and _plain(address).is_loopback)


def _plain(address: IpAddress) -> IpAddress:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
