"""Routes of one kind of job: look at it, follow it, cancel it, erase it."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.types import ASGIApp

from schemas.soundtrack import JobKind, Soundtrack
from service.api.admission import Reader, Writer
from service.api.describing import answers
from service.api.events import EventStream, last_event_id
from service.api.jobs import own_job, shown, unless_known
from service.api.parts import parts_of
from service.api.prefer import MAX_WAIT_S
from service.api.view import is_over
from service.api.waiting import outcome_of
from service.jobs.errors import JobLive, JobOver
from service.worker.naming import job_prefix

JobIdPath = Annotated[str, Path(examples=["st_01kak3q7zc0000000000000000"], description="The id of a job.")]
Wait = Annotated[int, Query(ge=0, le=MAX_WAIT_S, description="Wait so many seconds for the end of the job.")]
Known = Annotated[str | None, Header(alias="If-None-Match", description="ETags that the client has.")]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", description="Go on after this event.")]


class Stream(Response):
    """Lets an ASGI application be the answer of a route."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """Answer."""
        await self._app(scope, receive, send)


def job_routes(prefix: str, kind: JobKind) -> APIRouter:
    """The routes of jobs of one kind under a prefix."""
    router = APIRouter(prefix=prefix, tags=[prefix.rsplit("/", 1)[-1]])
    name = kind.replace("_", " ")

    @router.get("/{job_id}", responses=answers({200: Soundtrack, 304: None}, 404, 410), summary=f"Look at a {name} job")
    async def get(request: Request, job_id: JobIdPath, caller: Reader, wait: Wait = 0, known: Known = None) -> Response:
        """How far it is and what came of it; `wait` holds the answer back until it has ended."""
        del known
        parts = parts_of(request)
        job = await own_job(parts, job_id, caller, kind)
        job = await outcome_of(parts.queue, job, wait, request.receive)
        return unless_known(request, await shown(parts, job))

    @router.get(
        "/{job_id}/events",
        responses=answers({200: "text/event-stream"}, 400, 404, 410),
        summary=f"Follow a {name} job",
    )
    async def events(request: Request, job_id: JobIdPath, caller: Reader, last: LastEvent = None) -> Response:
        """Server-sent events `status`, `progress` and `done`; a ping each 15 s; it closes after `done`."""
        parts = parts_of(request)
        job = await own_job(parts, job_id, caller, kind)
        return Stream(EventStream(parts.queue, job.id, last_event_id(last)))

    @router.post(
        "/{job_id}/cancel",
        responses=answers({202: Soundtrack, 200: Soundtrack}, 404, 409, 410),
        summary=f"Cancel a {name} job",
    )
    async def cancel(request: Request, job_id: JobIdPath, caller: Writer) -> Response:
        """A queued job ends at once, a running one within seconds; 409 when it has ended otherwise."""
        parts = parts_of(request)
        job = await own_job(parts, job_id, caller, kind)
        if job.status != "cancelled":
            try:
                return await shown(parts, await parts.queue.cancel(job_id), 202)
            except JobOver:
                job = await parts.queue.get(job_id)
                if job.status != "cancelled":  # it ended while we asked, and not by somebody else's cancelling
                    raise
        return await shown(parts, job)

    @router.delete(
        "/{job_id}", status_code=204, responses=answers({204: None}, 404, 409, 410), summary=f"Erase a {name} job"
    )
    async def delete(request: Request, job_id: JobIdPath, caller: Writer) -> Response:
        """Erases the job and its files; 409 while it is queued or running."""
        parts = parts_of(request)
        job = await own_job(parts, job_id, caller, kind)
        if not is_over(job):
            raise JobLive("the job has not ended; cancel it first")
        await parts.store.delete(job_prefix(job_id))
        await parts.queue.delete(job_id)
        return Response(status_code=204)

    return router
