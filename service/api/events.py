"""Events of a job as a stream that browsers understand (text/event-stream)."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from service.api.errors import BadHeader
from service.api.view import is_over
from service.api.waiting import followed, until_gone
from service.jobs.errors import QueueError
from service.jobs.port import JobEvent, JobQueue

logger = logging.getLogger(__name__)
RETRY_MS = 2000
PING = b": ping\n\n"
_EVENT_ID = re.compile(r"\d{1,20}(?:-\d{1,20})?")
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies that speak nginx must not hold events back
)


def last_event_id(header: str | None) -> str:
    """Where a stream goes on; raises BadHeader for an id that no event ever had."""
    if header is None or header == "":
        return "0"
    if not _EVENT_ID.fullmatch(header):
        raise BadHeader("Last-Event-ID is not the id of an event; send the last one that you saw, or none")
    return header


class EventStream:
    """An answer that ends after `done`, or as soon as the client has gone: then nothing of it stays behind."""

    def __init__(self, queue: JobQueue, job_id: str, after: str) -> None:
        self._queue, self._job_id, self._after = queue, job_id, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        telling = asyncio.create_task(self._tell(send))
        leaving = asyncio.create_task(until_gone(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            for task in (telling, leaving):
                task.cancel()
            await asyncio.gather(telling, leaving, return_exceptions=True)

    async def _tell(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        await send(_piece(f"retry: {RETRY_MS}\n\n".encode()))
        try:
            async for piece in self._pieces():
                await send(_piece(piece))
        except QueueError as exc:  # the client comes back by itself, with the last id that it saw
            logger.warning("a stream of events ends early: %s", exc)
        await send(_piece(b"", more=False))

    async def _pieces(self) -> AsyncIterator[bytes]:
        async with followed(self._queue, self._job_id, self._after) as events:
            async for event in events:
                yield PING if event is None else written(event)
                if event is not None and event.name == "done":
                    return
                if event is None and is_over(await self._queue.get(self._job_id)):
                    return


def written(event: JobEvent) -> bytes:
    """An event as a stream holds it."""
    lines = "".join(f"data: {line}\n" for line in event.data.splitlines() or [""])
    return f"id: {event.id}\nevent: {event.name}\n{lines}\n".encode()


def _piece(body: bytes, *, more: bool = True) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": more}
