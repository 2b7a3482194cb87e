"""Routes that ask for music, and for cue sheets: the analysis alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from schemas.cue_sheet import CueSheet
from schemas.soundtrack import JobKind, JobStatus, Soundtrack, SoundtrackPage, SoundtrackRequest
from service.access.gate import Caller
from service.api import form as forms
from service.api.admission import Reader, Writer
from service.api.asking import JSON, MULTIPART, Asking
from service.api.describing import answers, body, ref
from service.api.errors import InvalidBody
from service.api.jobs import shown
from service.api.parts import ApiParts, parts_of
from service.api.prefer import MAX_WAIT_S, wait_of
from service.api.problems import respond
from service.api.submission import Origin, submit
from service.api.uploads import Uploads
from service.api.view import address_of, is_over, view
from service.api.waiting import outcome_of
from service.jobs.errors import JobOver
from service.jobs.port import JobRecord

CUE_SHEET_WAIT_S = 30
MAX_PAGE = 100
BAD = (400, 408, 409, 410, 413, 415, 422)
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="The same key within 24 h gives the same job.")]
Prefer = Annotated[str | None, Header(description=f"wait=N: wait up to N seconds for the end, at most {MAX_WAIT_S}.")]
Status = Annotated[JobStatus | None, Query(description="Only jobs in this state.")]
Cursor = Annotated[
    str | None, Query(pattern=r"^[A-Za-z0-9_.:=+/-]{1,200}$", description="The `next_cursor` of the page before.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Jobs of one page, at most.")]


def form_schema() -> dict[str, Any]:
    """The form that asks for music; every field of a request may be one."""
    text = {"type": "string"}
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    files: dict[str, Any] = dict.fromkeys(("video", "audio", "melody", "sound"), file)
    files["image"] = {"type": "array", "items": file}
    return {
        "type": "object",
        "properties": files | dict.fromkeys(sorted(forms.TEXTS), text),
        "additionalProperties": False,
        "examples": [{"caption": "calm piano", "duration_s": "12", "style": "ambient", "format": "wav"}],
    }


def soundtrack_routes() -> APIRouter:
    """`/v1/soundtracks`."""
    router = APIRouter(prefix="/v1/soundtracks", tags=["soundtracks"])
    takes = body({JSON: ref(SoundtrackRequest), MULTIPART: form_schema()})

    @router.post(
        "",
        status_code=202,
        responses=answers({202: Soundtrack, 200: Soundtrack}, *BAD),
        openapi_extra=takes,
        summary="Ask for music",
    )
    async def ask(request: Request, caller: Writer, key: Key = None, prefer: Prefer = None) -> Response:
        """Music for a video, images, a story, a caption, audio, a cue sheet or a melody, or any mix of them.

        With `sound` and `edit`, music that is there already is edited by the audio engine: spans of it made anew, more
        after its end, or a further part beside it. Such a job has outputs and warnings, but no report.
        """
        del key
        parts, wait_s = parts_of(request), wait_of(prefer)
        job, headers = await _submitted(request, caller, "soundtrack", wait_s or 0)
        if wait_s is not None:
            headers["Preference-Applied"] = f"wait={wait_s}"
        if is_over(job):
            return await shown(parts, job, 200, headers | {"Location": address_of(job)})
        return await shown(parts, job, 202, headers)

    @router.get("", responses=answers({200: SoundtrackPage}), summary="List jobs")
    async def page(
        request: Request, caller: Reader, status: Status = None, cursor: Cursor = None, limit: Limit = 20
    ) -> Response:
        """Jobs of this API key's tenant, newest first; a page may be shorter than `limit` and still have a next one."""
        parts = parts_of(request)
        found = await parts.queue.page(caller.tenant, status=status, cursor=cursor, limit=limit)
        data = tuple(view(job) for job in found.jobs if job.kind == "soundtrack")
        return _json(SoundtrackPage(data=data, next_cursor=found.next_cursor).model_dump_json())

    return router


def cue_sheet_routes() -> APIRouter:
    """`/v1/cue-sheets`."""
    router = APIRouter(prefix="/v1/cue-sheets", tags=["cue-sheets"])
    takes = body({JSON: ref(SoundtrackRequest), MULTIPART: form_schema()})

    @router.post(
        "",
        responses=answers({200: CueSheet, 202: Soundtrack}, *BAD),
        openapi_extra=takes,
        summary="Ask for a cue sheet",
    )
    async def ask(request: Request, caller: Writer, key: Key = None, prefer: Prefer = None) -> Response:
        """Analysis only: what `/v1/soundtracks` would follow, to edit and send back as `cue_sheet`.

        Waits for it up to 30 s, or as `Prefer: wait=N` says; 202 with the job when it takes longer.
        """
        del key
        parts, wait_s = parts_of(request), wait_of(prefer)
        job, headers = await _submitted(request, caller, "cue_sheet", CUE_SHEET_WAIT_S if wait_s is None else wait_s)
        if wait_s is not None:
            headers["Preference-Applied"] = f"wait={wait_s}"
        if not is_over(job):
            return await shown(parts, job, 202, headers)
        headers["Content-Location"] = address_of(job)
        if job.cue_sheet is not None:
            return _json(job.cue_sheet.model_dump_json(), headers)
        if job.error is not None:
            more = {"instance": address_of(job), "request_id": request.scope.get("request_id")}
            return respond(job.error.model_copy(update=more), headers)
        raise JobOver(f"the job ended without a cue sheet: {job.status}")

    return router


async def _submitted(
    request: Request, caller: Caller, kind: JobKind, wait_s: float
) -> tuple[JobRecord, dict[str, str]]:
    """The job of a request, waited for, and the headers that tell how it came about."""
    parts: ApiParts = parts_of(request)
    origin = Origin.of(request, caller, f"POST {request.url.path}")
    asked = await Asking(parts, caller.tenant).of(request)
    if kind == "cue_sheet" and asked.request.edit is not None:
        await Uploads(parts).discard(asked.made, caller.tenant)
        raise InvalidBody.at("/edit", "a cue sheet is for music that is composed; ask at /v1/soundtracks")
    accepted = await submit(parts, asked, kind, origin)
    headers = {"Idempotency-Replayed": "true"} if accepted.replayed else {}
    return await outcome_of(parts.queue, accepted.job, wait_s, request.receive), headers


def _json(text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text, 200, headers, JSON)
