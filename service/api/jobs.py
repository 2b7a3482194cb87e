"""Looking at a job of one's own and answering with it."""

import re
import time

from fastapi import Request, Response

from schemas.soundtrack import JobKind
from service.access.gate import Caller
from service.api.errors import Gone
from service.api.parts import ApiParts
from service.api.view import address_of, etag_of, is_over, retry_after, view
from service.ids import made_at
from service.jobs.errors import UnknownJob
from service.jobs.port import JobRecord

JOB_ID = re.compile(r"st_[0-9a-hjkmnp-tv-z]{26}")
JSON = "application/json"
EXPIRED = "the job has expired and its files are erased; ask again"


async def own_job(parts: ApiParts, job_id: str, caller: Caller, kind: JobKind | None = None) -> JobRecord:
    """A job of the caller.

    Raises:
        UnknownJob: there is none, or it is somebody else's: nobody may learn which ids exist.
        Gone: it has expired.
    """
    unknown = UnknownJob("there is no such job; check the id")
    if not JOB_ID.fullmatch(job_id):
        raise unknown
    try:
        job = await parts.queue.get(job_id)
    except UnknownJob as exc:
        if time.time() - made_at(job_id) > parts.settings.job_ttl_s:
            raise Gone(EXPIRED) from exc
        raise unknown from exc
    if job.tenant != caller.tenant or (kind is not None and job.kind != kind):
        raise unknown
    if job.status == "expired":
        raise Gone(EXPIRED)
    return job


async def shown(parts: ApiParts, job: JobRecord, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A job as an answer, with its place in the queue and, while it lives, when to look again."""
    ahead = await parts.queue.position(job.id) if job.status == "queued" else None
    seen = view(job, ahead=ahead)
    text = seen.model_dump_json()
    more = {"ETag": etag_of(text), "Cache-Control": "no-cache"}
    if not is_over(job):
        more["Retry-After"] = retry_after(seen)
    if status == 202:
        more["Location"] = address_of(job)
    return Response(text, status, more | (headers or {}), JSON)


def unless_known(request: Request, answer: Response) -> Response:
    """304 instead of an answer that the client has already (If-None-Match)."""
    if not matches(request.headers.get("if-none-match"), answer.headers["etag"]):
        return answer
    kept = {n: v for n, v in answer.headers.items() if n in {"etag", "cache-control", "retry-after"}}
    return Response(None, 304, kept)


def matches(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names an ETag, compared weakly."""
    if header is None:
        return False
    return header.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))
