"""What both clients hand to httpx: the address, the API key, time limits."""

import os
from collections.abc import Mapping

import httpx

from service.client.effects import Call, Dropped, Reply
from service.client.errors import InvalidRequest

API_KEY, ADDRESS = "TONEREEL_API_KEY", "TONEREEL_URL"
CONNECT_S, WRITE_S = 10.0, 30.0
PIECE = 1 << 18


def address_of(url: str | None) -> str:
    """The address given, that of TONEREEL_URL, or the one that a service on this machine has; raises InvalidRequest."""
    found = url or os.environ.get(ADDRESS) or "http://127.0.0.1:3000"
    if not found.startswith(("http://", "https://")):
        raise InvalidRequest(f"{found!r} is no address of a service; give one such as http://127.0.0.1:3000")
    return found


def headers_of(api_key: str | None) -> dict[str, str]:
    """The headers of every request, with the key given or that of TONEREEL_API_KEY."""
    key = api_key or os.environ.get(API_KEY)
    return {"User-Agent": "tonereel-python"} | ({"Authorization": f"Bearer {key}"} if key else {})


def request_of(client: httpx.Client | httpx.AsyncClient, call: Call, content: object) -> httpx.Request:
    """A call as httpx sends it; `content` is its body, or what gives it piece by piece."""
    timeout = httpx.Timeout(CONNECT_S, read=call.answer_s, write=WRITE_S)
    return client.build_request(
        call.method,
        call.path,
        params=dict(call.params) or None,
        headers=dict(call.headers),
        content=content,  # type: ignore[arg-type]  # one of the kinds that httpx takes, as its caller knows
        timeout=timeout,
    )


def reply_of(response: httpx.Response, body: bytes = b"") -> Reply:
    """An answer as the client's logic sees it."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, body)


def dropped(error: httpx.RequestError) -> Dropped:
    """What httpx says of a connection that did not hold."""
    return Dropped(str(error) or type(error).__name__)
