"""URLs taken apart: what is refused before anybody is asked, and what is dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.net.errors import ForbiddenAddress
from service.net.policy import Policy
from service.net.target import parse

REFUSED = [
    "https://127.0.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://8.8.8.8.8/",
    "https://example.com.0x7f/",
    "https://127%2e0%2e0%2e1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://a.localhost/",
    "https://metadata.google.internal/",
    "https://redis/",
    "https://redis.default.svc.local/",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://@example.com/",
    "https://example.com:443@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com:8443/",
    "https://example.com:80/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://example.com:x/",
    "http://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "data:text/plain,x",
    "//example.com/",
    "example.com",
    "",
    "https://",
    "https:///clip.mp4",
    "https://[::1",
    "https://ex ample.com/",
    "https://example.com/\r\nHost: inner",
    "https://example.com/\x00",
    "https://example.com/\ud800",
    "https://" + "a" * 64 + ".com/",
    "https://example.com/" + "a" * 2_000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        parse(url, Policy())


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://Example.COM", "example.com", "/"),
        ("https://example.com.:443/a%20b?c=d&e=%2F#f", "example.com", "/a%20b?c=d&e=%2F"),
        ("https://bücher.example/ü?q=ü", "xn--bcher-kva.example", "/%C3%BC?q=%C3%BC"),
        ("https://93.184.216.34/x", "93.184.216.34", "/x"),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", "2606:2800:220:1:248:1893:25c8:1946", "/"),
    ],
)
def test_a_url_of_the_internet_is_taken_apart(url: str, host: str, path: str) -> None:
    target = parse(url, Policy())
    assert (target.scheme, target.host, target.port, target.path) == ("https", host, 443, path)
    assert parse(target.url, Policy()) == target


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_refused_or_becomes_plain_ascii(host: str, path: str) -> None:
    try:
        target = parse(f"https://{host}/{path}", Policy())
    except ForbiddenAddress:
        return
    assert target.host.isascii()
    assert target.path.isascii()
    assert not set("\r\n ") & set(target.host + target.path)


def test_loopback_is_reached_only_where_the_policy_says_so() -> None:
    policy = Policy(schemes=frozenset({"http"}), ports=None, loopback=True)
    assert parse("http://127.0.0.1:8000/", policy).port == 8000
    assert parse("http://localhost:8000/", policy).host == "localhost"
    with pytest.raises(ForbiddenAddress):
        parse("http://10.0.0.1:8000/", policy)
