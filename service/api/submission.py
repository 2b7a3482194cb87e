"""Handing a request for music to the queue, once for each Idempotency-Key."""

from dataclasses import dataclass

from fastapi import Request

from schemas.soundtrack import JobKind, SoundtrackRequest, VideoInput
from service.access.gate import Caller
from service.api.asking import Asked
from service.api.errors import Gone
from service.api.parts import ApiParts
from service.api.prefer import idempotency_key_of
from service.api.uploads import Uploads
from service.ids import new_id
from service.jobs.errors import KeyInFlight, KeyReused, QueueFull, UnknownJob
from service.jobs.port import JobRecord, NewJob, Once, Submitted

BUCKET_OF: dict[JobKind, str] = {"soundtrack": "score", "cue_sheet": "cues"}
GUESSED_DURATION_S = 60.0
START_S, PER_SECOND_OF_MUSIC, PER_SECOND_OF_VIDEO = 1.0, 0.05, 0.05  # two cores, warm; see benchmarks


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a submission comes from: who asks, the route's template, and the ids that logs and traces follow."""

    caller: Caller
    route: str
    key: str | None = None
    request_id: str | None = None
    trace: str | None = None

    @classmethod
    def of(cls, request: Request, caller: Caller, route: str) -> "Origin":
        """The origin of an HTTP request; raises BadHeader for an Idempotency-Key that is none."""
        key = idempotency_key_of(request.headers.get("idempotency-key"))
        return cls(caller, route, key, request.scope.get("request_id"), request.scope.get("trace"))

    def once(self, body_sha256: str, part: str = "") -> Once | None:
        """The key of this submission, or of a part of it; None where none was given."""
        return None if self.key is None else Once(f"{self.route} {self.key}{part}", body_sha256)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job that stands for a submission."""

    job: JobRecord
    replayed: bool


async def submit(parts: ApiParts, asked: Asked, kind: JobKind, origin: Origin) -> Accepted:
    """Accept a request, or find the job that it has made before; uploads that are not needed then are forgotten.

    Raises:
        QueueError: the queue refuses it.
        Gone: its job was made before and has been deleted since.
    """
    job = new_job(asked.request, kind, origin)
    uploads = Uploads(parts)
    try:
        submitted = await parts.queue.submit(job, origin.once(asked.body_sha256))
    except (QueueFull, KeyReused, KeyInFlight):  # of a queue that does not answer nobody knows whether it accepted
        await uploads.discard(asked.made, origin.caller.tenant)
        raise
    if submitted.replayed:
        await uploads.discard(asked.made, origin.caller.tenant)
    if submitted.created_at is not None:
        return Accepted(job.accepted(submitted.created_at), submitted.replayed)
    return Accepted(await _job_of(parts, submitted), submitted.replayed)


def new_job(request: SoundtrackRequest, kind: JobKind, origin: Origin) -> NewJob:
    """A job for a request."""
    return NewJob(
        id=new_id("st"),
        tenant=origin.caller.tenant,
        kind=kind,
        request=request,
        bucket=BUCKET_OF[kind],
        cost_s=expected_cost_s(request, kind),
        request_id=origin.request_id,
        trace=origin.trace,
        max_outstanding=origin.caller.max_outstanding,
    )


def expected_cost_s(request: SoundtrackRequest, kind: JobKind) -> float:
    """Expected seconds of work, from the duration where it is known."""
    sheet = request.cue_sheet
    duration_s = request.duration_s or (sheet.duration_s if sheet is not None else GUESSED_DURATION_S)
    watching = PER_SECOND_OF_VIDEO * duration_s * any(isinstance(s, VideoInput) for s in request.sources)
    playing = PER_SECOND_OF_MUSIC * duration_s * request.takes if kind == "soundtrack" else 0.0
    return round(START_S + watching + playing, 2)


async def _job_of(parts: ApiParts, submitted: Submitted) -> JobRecord:
    try:
        return await parts.queue.get(submitted.job_id)
    except UnknownJob as exc:
        raise Gone("the job of this Idempotency-Key is no longer kept; use a new key to ask again") from exc
