"""Which IP addresses are on the public internet."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IpAddress = IPv4Address | IPv6Address

# IANA IPv4 special-purpose registry, multicast and reserved space; written out because `is_global` differs by Python.
CLOSED_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, in public space but answered by the machine below
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
OPEN_V6 = IPv6Network("2000::/3")  # all that IANA has given out
CLOSED_V6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4, whatever it embeds
        "3fff::/20",
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # what DNS64 answers on networks without IPv4 (RFC 6052)


def is_public(address: IpAddress) -> bool:
    """Whether an address may be dialled; one that embeds an IPv4 address is judged by that."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in CLOSED_V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in OPEN_V6 and address.is_global and not any(address in net for net in CLOSED_V6)
