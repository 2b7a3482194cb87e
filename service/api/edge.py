"""The outermost layer: a request id for everything, problems for whatever was not caught, headers on every answer."""

import asyncio
import logging
import re
from collections.abc import Iterable
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.gate import Caller
from service.api.errors import BadHeader
from service.api.parts import ApiParts
from service.api.problems import answer_to
from service.ids import new_id
from service.observe.logs import bound
from service.observe.requests import Observed

Header = tuple[bytes, bytes]
logger = logging.getLogger(__name__)
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
LINGER_S, LINGER_BYTES = 0.5, 500_000
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Edge:
    """Plain ASGI, so that bodies and streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; no exception leaves."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        parts = getattr(scope["app"].state, "parts", None)
        app: ASGIApp = self._guarded
        if isinstance(parts, ApiParts):
            app = Observed(app, parts.metrics, parts.tracing)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", []), request_id, scope.get("caller"))
            await send(message)

        with bound(request_id=request_id):
            await app(scope, receive, lingering(receive, send_named))

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            if any(_CONTROL.search(value) for _, value in scope["headers"]):
                raise BadHeader("a header holds a control character; remove it")  # noqa: TRY301
            await self._app(scope, receive, watched)
        except (ClientDisconnect, HTTPException) as exc:
            logger.debug("the client went away", exc_info=exc)
        except Exception as exc:
            if not isinstance(exc, BadHeader):
                logger.exception("a request failed unexpectedly")
            if not started:
                answer = answer_to(exc, instance=scope["path"], request_id=scope["request_id"])
                await answer(scope, receive, send)


def lingering(receive: Receive, send: Send) -> Send:
    """Holds the end of an answer that closes the connection back until the client has stopped sending, or `LINGER_S`.

    To close while bytes come in resets the connection, and then many clients lose the answer.
    """
    closing = False

    async def drain() -> None:
        drained = 0
        while drained < LINGER_BYTES:
            message = await receive()
            drained += len(message.get("body", b""))
            if not message.get("more_body", False):
                return
        await asyncio.sleep(LINGER_S)  # nothing more is read: the client's sending stands still

    async def send_slowly(message: Message) -> None:
        nonlocal closing
        if message["type"] == "http.response.start":
            closing = (b"connection", b"close") in {(n.lower(), v.lower()) for n, v in message["headers"]}
        elif closing and not message.get("more_body", False):
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await drain()
            message = {"type": "http.response.body", "body": b""}
        await send(message)

    return send_slowly


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else new_id("req")


def _completed(headers: Iterable[Header], request_id: str, caller: Caller | None) -> list[Header]:
    """The headers of an answer and those that every answer has; a counted caller learns what is left to it."""
    found = list(headers)
    more = [*_ALWAYS, (b"x-request-id", request_id.encode())]
    if caller is not None and caller.quota is not None:
        more += [(name.lower().encode(), value.encode()) for name, value in caller.quota.headers().items()]
    known = {name.lower() for name, _ in found}
    return found + [pair for pair in more if pair[0] not in known]
