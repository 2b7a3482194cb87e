"""Who asks: every route that needs a caller depends on `Reader` or `Writer`."""

from typing import Annotated

from fastapi import Depends, Request

from service.access.gate import Caller
from service.access.key import Scope
from service.api.parts import parts_of

NOBODY = "unknown"  # a client without an address, for example on a unix socket


async def _admit(request: Request, scope: Scope) -> Caller:
    client = request.client.host if request.client is not None else NOBODY
    caller = await parts_of(request).access.admit(request.headers.get("authorization"), client, scope)
    request.scope["caller"] = caller
    return caller


async def reader(request: Request) -> Caller:
    """A caller who may look."""
    return await _admit(request, "soundtracks:read")


async def writer(request: Request) -> Caller:
    """A caller who may ask for music."""
    return await _admit(request, "soundtracks:write")


async def webhook_keeper(request: Request) -> Caller:
    """A caller who may say where to be told."""
    return await _admit(request, "webhooks")


Reader = Annotated[Caller, Depends(reader)]
Writer = Annotated[Caller, Depends(writer)]
