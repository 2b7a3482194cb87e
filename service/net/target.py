"""A URL taken apart once, by one parser, into what is checked and what is dialled."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

import idna

from service.net.address import IpAddress
from service.net.errors import ForbiddenAddress
from service.net.policy import Policy

MAX_URL_CHARS = 2_000
DEFAULT_PORTS = {"https": 443, "http": 80}
INNER_NAMES = ("localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa")
NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
NUMBER = re.compile(r"^(0x[0-9a-f]*|[0-9]+)$")  # what a resolver would read as part of an IPv4 address
KEPT_IN_PATHS = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` is lower-case ASCII, `address` is set when the host is one, `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str
    address: IpAddress | None

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL again, as it was understood."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse(url: str, policy: Policy) -> Target:
    """Take a URL apart and check all that can be checked without asking anybody; raises ForbiddenAddress."""
    if len(url) > MAX_URL_CHARS or NOT_IN_URLS.search(url):
        raise ForbiddenAddress(f"a URL has at most {MAX_URL_CHARS} characters and no spaces or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise ForbiddenAddress("this is not a URL; give one such as https://example.com/clip.mp4") from exc
    if parts.scheme not in policy.schemes or parts.scheme not in DEFAULT_PORTS:
        raise ForbiddenAddress(f"only {' and '.join(sorted(policy.schemes))} addresses are fetched")
    if "@" in parts.netloc:
        raise ForbiddenAddress("a URL with a user or password in it is not fetched; take them out")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if policy.ports is not None and port not in policy.ports:
        raise ForbiddenAddress(f"port {port} is not fetched from; use the standard port")
    host, address = _host(parts, policy)
    path = quote(parts.path or "/", safe=KEPT_IN_PATHS)
    query = "?" + quote(parts.query, safe=KEPT_IN_PATHS + "?") if parts.query else ""
    return Target(parts.scheme, host, port, path + query, address)


def _host(parts: SplitResult, policy: Policy) -> tuple[str, IpAddress | None]:
    given = parts.hostname or ""
    if "[" in parts.netloc:
        return given, _literal(given, policy)
    try:  # UTS 46 also turns full-width digits and dots into plain ones
        name = idna.encode(given.removesuffix("."), uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as exc:
        raise ForbiddenAddress("the URL has no valid host name") from exc
    if NUMBER.match(name.rpartition(".")[2]):
        return name, _literal(name, policy)
    is_inner = "." not in name or any(name == inner or name.endswith("." + inner) for inner in INNER_NAMES)
    if is_inner and not (policy.loopback and name == "localhost"):
        raise ForbiddenAddress(f"{name} is not a name on the public internet")
    return name, None


def _literal(text: str, policy: Policy) -> IpAddress:
    """An address written as one; short, octal, decimal and hexadecimal forms of IPv4 are refused."""
    try:
        address = ip_address(text)
    except ValueError as exc:
        raise ForbiddenAddress("the URL's host is a number that is no plain IP address") from exc
    if not policy.allows(address):
        raise ForbiddenAddress("the URL's address is not on the public internet")
    return address
