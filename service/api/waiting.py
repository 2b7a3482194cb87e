"""Waiting for a job, for as long as the client stays."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.types import Message

from service.api.view import is_over
from service.jobs.port import JobEvent, JobQueue, JobRecord

Receive = Callable[[], Awaitable[Message]]


@asynccontextmanager
async def followed(queue: JobQueue, job_id: str, after: str = "0") -> AsyncIterator[AsyncIterator[JobEvent | None]]:
    """The events of a job; the queue's side of it is closed at the end."""
    events = queue.events(job_id, after=after)
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def outcome_of(queue: JobQueue, job: JobRecord, wait_s: float, receive: Receive) -> JobRecord:
    """A job as it is when it has ended, when `wait_s` are over, or when the client has gone."""
    if is_over(job) or wait_s <= 0:
        return job
    watching = asyncio.create_task(_until_done(queue, job.id))
    leaving = asyncio.create_task(until_gone(receive))
    try:
        await asyncio.wait({watching, leaving}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
    finally:
        for task in (watching, leaving):
            task.cancel()
        await asyncio.gather(watching, leaving, return_exceptions=True)
    return await queue.get(job.id)


async def until_gone(receive: Receive) -> None:
    """Return when the client has gone away; its body must have been read before."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_done(queue: JobQueue, job_id: str) -> None:
    async with followed(queue, job_id) as events:
        async for event in events:
            if event is not None and event.name == "done":
                return
            if event is None and is_over(await queue.get(job_id)):
                return
