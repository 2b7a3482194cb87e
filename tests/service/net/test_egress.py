"""The way out over real connections: what arrives, what is refused before any connection, what is left behind."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import pytest

from service.errors import OutputUnwritable
from service.net.address import IpAddress
from service.net.egress import Egress, egress_from
from service.net.errors import FetchFailed, ForbiddenAddress
from service.net.policy import Policy
from service.settings import Settings
from tests.service.net.tls_server import NAME, Page, Site, answer, contexts, redirect, serving

OPEN = Policy(ports=None, loopback=True, connect_s=5.0, idle_s=5.0, total_s=10.0)
SHUT = replace(OPEN, loopback=False)
BODY = bytes(range(256)) * 1_000


class Book:
    """A resolver that answers from a book, one entry after the other, the last one for ever."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> tuple[IpAddress, ...]:
        self.asked.append(host)
        answers = self.names.get(host, ["127.0.0.1"])
        text = answers.pop(0) if len(answers) > 1 else answers[0]
        if not text:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return tuple(ip_address(a) for a in text.split())


def egress(policy: Policy = OPEN, book: Book | None = None) -> Egress:
    """A way out that trusts the test server's certificate."""
    return Egress(policy, resolver=book or Book(), tls=contexts()[1])


T = TypeVar("T")


def visit(pages: dict[str, Page], trip: Callable[[Site], Awaitable[T]], *, tls: bool = True) -> tuple[T, Site]:
    """Make a trip to a server with these pages."""

    async def go() -> tuple[T, Site]:
        async with serving(pages, tls=tls) as site:
            return await trip(site), site

    return asyncio.run(go())


def refusal(
    pages: dict[str, Page], path: str, to: Path, *, policy: Policy = OPEN, book: Book | None = None, most: int = 10**6
) -> tuple[Exception, Site]:
    """The error of a fetch that must fail, and leave nothing."""

    async def trip(site: Site) -> Exception:
        with pytest.raises((FetchFailed, ForbiddenAddress)) as caught:
            await egress(policy, book).fetch(site.url(path), to, max_bytes=most)
        return caught.value

    error, site = visit(pages, trip)
    assert not to.exists()
    return error, site


def test_a_file_arrives_whole_and_is_asked_for_by_name(tmp_path: Path) -> None:
    to, page = tmp_path / "a", answer(BODY, fields="Content-Type: video/mp4\r\n")
    fetched, site = visit(
        {"/a%20b?c=1": page}, lambda site: egress().fetch(site.url("/a%20b?c=1"), to, max_bytes=len(BODY))
    )
    assert (fetched.n_bytes, fetched.media_type) == (len(BODY), "video/mp4")
    assert to.read_bytes() == BODY
    head = site.asked[0].lower()
    assert f"host: {NAME}:{site.port}".encode() in head
    assert b"accept-encoding: identity" in head
    assert b"cookie" not in head


def test_a_name_is_resolved_once_and_that_address_is_dialled(tmp_path: Path) -> None:
    book = Book(media_example_com=["127.0.0.1", "10.0.0.1"])
    visit({"/a": answer(b"x")}, lambda site: egress(OPEN, book).fetch(site.url("/a"), tmp_path / "a", max_bytes=9))
    assert book.asked == [NAME]


def test_a_dead_address_is_passed_over(tmp_path: Path) -> None:
    book = Book(media_example_com=["127.0.0.2 127.0.0.1"])  # the server listens on the second one only
    visit({"/a": answer(b"x")}, lambda site: egress(OPEN, book).fetch(site.url("/a"), tmp_path / "a", max_bytes=9))
    assert (tmp_path / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254", "8.8.8.8 10.0.0.1", "::ffff:127.0.0.1"]
)
def test_a_name_with_an_inner_address_is_refused_before_any_connection(text: str, tmp_path: Path) -> None:
    book = Book(media_example_com=[text])
    error, site = refusal({"/a": answer(b"x")}, "/a", tmp_path / "a", policy=SHUT, book=book)
    assert isinstance(error, ForbiddenAddress)
    assert site.connections == 0
    assert not any(part in str(error) for part in text.split())  # tells nobody what the inner network looks like


def test_a_name_that_is_rebound_between_check_and_fetch_is_refused(tmp_path: Path) -> None:
    book = Book(media_example_com=["93.184.216.34", "127.0.0.1"])

    async def trip(site: Site) -> None:
        way_out = egress(SHUT, book)
        await way_out.check_url(site.url("/a"))
        with pytest.raises(ForbiddenAddress):
            await way_out.fetch(site.url("/a"), tmp_path / "a", max_bytes=9)

    _, site = visit({"/a": answer(b"x")}, trip)
    assert site.connections == 0


def test_checking_a_url_connects_to_nothing() -> None:
    _, site = visit({}, lambda site: egress().check_url(site.url("/a")))
    assert site.connections == 0


@pytest.mark.parametrize("status", ["301 A", "302 A", "303 A", "307 A", "308 A"])
def test_a_redirect_is_followed(status: str, tmp_path: Path) -> None:
    pages: dict[str, Page] = {"/a": redirect("/b?c", status), "/b?c": answer(b"there")}
    visit(pages, lambda site: egress().fetch(site.url("/a"), tmp_path / "a", max_bytes=9))
    assert (tmp_path / "a").read_bytes() == b"there"


@pytest.mark.parametrize(
    "to",
    [
        "https://10.0.0.1/",
        "https://inner.example.com/",
        "http://media.example.com/",
        "file:///etc/passwd",
        "gopher://media.example.com/",
        "//169.254.169.254/latest/",
        "https://user@media.example.com/",
        "https://[::1/",
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_refused(to: str, tmp_path: Path) -> None:
    book = Book(inner_example_com=["192.168.0.1"])
    error, site = refusal({"/a": redirect(to)}, "/a", tmp_path / "a", book=book)
    assert isinstance(error, ForbiddenAddress)
    assert site.connections == 1


def test_redirects_end_after_three(tmp_path: Path) -> None:
    pages: dict[str, Page] = {f"/{i}": redirect(f"/{i + 1}") for i in range(9)}
    error, site = refusal(pages, "/0", tmp_path / "a")
    assert isinstance(error, FetchFailed)
    assert site.connections == 4


def test_more_bytes_than_allowed_are_not_taken_with_and_without_a_length(tmp_path: Path) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(BODY)
            await writer.drain()

    for page in (answer(BODY), endless):
        error, _ = refusal({"/a": page}, "/a", tmp_path / "a", most=100_000)
        assert isinstance(error, FetchFailed)
        assert "larger than 100000 bytes" in str(error)
        assert not error.retryable


def test_a_compressed_file_is_refused_unopened(tmp_path: Path) -> None:
    bomb = answer(gzip.compress(bytes(10**7)), fields="Content-Encoding: gzip\r\n")
    error, _ = refusal({"/a": bomb}, "/a", tmp_path / "a")
    assert "compressed" in str(error)


@pytest.mark.parametrize(
    ("status", "retryable"), [("404 N", False), ("403 F", False), ("503 B", True), ("204 E", False)]
)
def test_another_answer_than_200_is_a_failure(status: str, retryable: bool, tmp_path: Path) -> None:
    error, _ = refusal({"/a": answer(b"", status=status)}, "/a", tmp_path / "a")
    assert isinstance(error, FetchFailed)
    assert error.retryable is retryable


def test_a_file_that_breaks_off_leaves_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    error, _ = refusal({"/a": answer(BODY)[:-9]}, "/a", tmp_path / "a")
    assert isinstance(error, FetchFailed)
    assert error.retryable


def test_a_file_that_trickles_is_given_up(tmp_path: Path) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    error, _ = refusal({"/a": trickle}, "/a", tmp_path / "a", policy=replace(OPEN, total_s=0.3))
    assert "did not arrive" in str(error)


def test_silence_is_given_up(tmp_path: Path) -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            await asyncio.sleep(0.02)
            writer.write(b"")

    error, _ = refusal({"/a": silence}, "/a", tmp_path / "a", policy=replace(OPEN, idle_s=0.2))
    assert isinstance(error, FetchFailed)
    assert error.retryable


def test_a_certificate_for_another_name_is_not_accepted(tmp_path: Path) -> None:
    async def trip(site: Site) -> FetchFailed:
        with pytest.raises(FetchFailed, match="certificate") as caught:
            await egress().fetch(site.url("/a", "other.example.com"), tmp_path / "a", max_bytes=9)
        return caught.value

    error, _ = visit({"/a": answer(b"x")}, trip)
    assert not error.retryable


def test_a_name_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(FetchFailed, match="cannot be resolved") as caught:
        asyncio.run(egress(SHUT, Book(no_example_com=[""])).check_url("https://no.example.com/"))
    assert not caught.value.retryable


def test_a_file_that_cannot_be_written_is_no_fault_of_the_other_side(tmp_path: Path) -> None:
    async def trip(site: Site) -> None:
        with pytest.raises(OutputUnwritable):
            await egress().fetch(site.url("/a"), tmp_path / "no" / "folder", max_bytes=10**6)

    visit({"/a": answer(BODY)}, trip)


def test_the_environment_names_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    _, site = visit({"/a": answer(b"x")}, lambda site: egress().fetch(site.url("/a"), tmp_path / "a", max_bytes=9))
    assert (tmp_path / "a").read_bytes() == b"x"
    assert len(site.asked) == 1


def test_a_proxy_of_the_settings_is_gone_through_and_names_are_its_business(tmp_path: Path) -> None:
    async def trip(proxy: Site) -> None:
        login = f"http://me:pass@127.0.0.1:{proxy.port}"
        settings = Settings.from_environment({"TONEREEL_EGRESS_PROXY": login})
        way_out = egress_from(settings)
        assert "pass" not in repr(settings)
        with pytest.raises(FetchFailed):
            await way_out.fetch("https://media.example.com/a", tmp_path / "a", max_bytes=9)
        with pytest.raises(ForbiddenAddress):
            await way_out.check_url("https://169.254.169.254/")

    _, proxy = visit({}, trip, tls=False)
    assert proxy.asked[0].startswith(b"CONNECT media.example.com:443 HTTP/1.1")
    assert b"proxy-authorization: basic bwu6cgfzcw==" in proxy.asked[0].lower()


def test_a_post_carries_its_headers_and_follows_nothing() -> None:
    async def trip(site: Site) -> int:
        return await egress().post_json(site.url("/hook"), b'{"a":1}', {"webhook-id": "msg_1"}, timeout_s=5.0)

    status, site = visit({"/hook": redirect("https://media.example.com/else")}, trip)
    assert status == 302
    assert site.asked[0].startswith(b"POST /hook HTTP/1.1")
    assert b"webhook-id: msg_1" in site.asked[0]
    assert site.asked[0].endswith(b'\r\n\r\n{"a":1}')
    assert site.connections == 1


def test_a_post_to_an_inner_address_is_refused_before_any_connection() -> None:
    async def trip(site: Site) -> None:
        with pytest.raises(ForbiddenAddress):
            await egress(SHUT).post_json(site.url("/"), b"{}", {}, timeout_s=5.0)

    assert visit({}, trip)[1].connections == 0


def test_a_post_that_nobody_answers_is_given_up() -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5.0)

    async def trip(site: Site) -> None:
        with pytest.raises(FetchFailed, match="no answer"):
            await egress().post_json(site.url("/"), b"{}", {}, timeout_s=0.2)

    visit({"/": silence}, trip)
