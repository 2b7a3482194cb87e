"""A bound of size and time for bodies that the framework reads into memory by itself."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.parts import ApiParts

OWN_READERS = ("/v1/soundtracks", "/v1/cue-sheets", "/v1/batches", "/v1/uploads")  # they read piece by piece


class Bounded:
    """Plain ASGI around the router; a small body must have come within the time that a large one may stall."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body bounded."""
        parts = getattr(scope["app"].state, "parts", None) if scope["type"] == "http" else None
        if not isinstance(parts, ApiParts) or scope["path"].startswith(OWN_READERS):
            await self._app(scope, receive, send)
            return
        limit, patience_s = parts.settings.max_json_bytes, parts.settings.idle_upload_s
        received, is_over, until = 0, False, asyncio.get_running_loop().time() + patience_s

        async def receive_bounded() -> Message:
            nonlocal received, is_over
            if is_over:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as exc:
                raise HTTPException(408) from exc
            received += len(message.get("body", b""))
            is_over = not message.get("more_body", False)
            if received > limit:
                raise HTTPException(413)  # the framework lets its own errors pass, and turns all others into 400
            return message

        await self._app(scope, receive_bounded, send)
