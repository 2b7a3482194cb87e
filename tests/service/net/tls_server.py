"""An HTTP server on loopback that says exactly what it is told, over TLS with a certificate made on the spot."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "media.example.com"
Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]
Page = bytes | Talk


@dataclass
class Site:
    """What a server holds by path, and what it was asked: heads with bodies."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def url(self, path: str, host: str = NAME, scheme: str = "https") -> str:
        """A URL of this server."""
        return f"{scheme}://{host}:{self.port}{path}"


def answer(body: bytes, *, status: str = "200 OK", fields: str = "") -> bytes:
    """A whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n".encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    """An answer that sends elsewhere."""
    return answer(b"", status=status, fields=f"Location: {to}\r\n")


@asynccontextmanager
async def serving(pages: dict[str, Page], *, tls: bool = True) -> AsyncIterator[Site]:
    """Serve pages on a free port of 127.0.0.1."""
    site = Site(pages)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [
                line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
            ]
            site.asked.append(head + await reader.readexactly(int(lengths[0]) if lengths else 0))
            page = site.pages.get(head.split(b" ")[1].decode(), answer(b"", status="404 Not Found"))
            if isinstance(page, bytes):
                writer.write(page)
            else:
                await page(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=contexts()[0] if tls else None)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side, and a client's that trusts it and nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tonereel test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(text + private)
        server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=text.decode())
