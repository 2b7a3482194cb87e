"""Job records as Redis hashes: strict when read for work, lenient when a broken record is shown as failed."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from schemas.base import WireModel
from schemas.cue_sheet import CueSheet
from schemas.problem import TYPE, Problem
from schemas.report import Report
from schemas.soundtrack import JobKind, JobStatus, Output, Priority, SoundtrackRequest
from schemas.source import CaptionSource
from service.jobs.port import JobRecord, JobResult, NewJob

SCHEMA_VERSION = "1"
CORRUPT, CRASHED = "corrupt-job", "worker-crashed"


class CorruptRecord(ValueError):
    """A record is not what this version of the service writes; never leaves the queue's own modules."""


class _Result(WireModel):
    outputs: tuple[Output, ...] = ()
    reports: tuple[Report, ...] = ()
    cue_sheet: CueSheet | None = None
    warnings: tuple[str, ...] = ()


class _Row(BaseModel):
    """A record's hash; times are microseconds of the server's clock."""

    model_config = ConfigDict(extra="ignore")

    v: str = Field(pattern=f"^{SCHEMA_VERSION}$")
    id: str
    tenant: str
    kind: JobKind
    status: JobStatus
    request: Json[SoundtrackRequest]
    priority: Priority
    bucket: str
    cost_s: float
    created_at: float
    attempt: int
    stage: str | None = None
    progress: float = 0.0
    batch: str | None = None
    custom_id: str | None = None
    request_id: str | None = None
    trace: str | None = None
    result: Json[_Result] | None = None
    error: Json[Problem] | None = None
    started_at: float | None = None
    completed_at: float | None = None
    cancel_requested_at: float | None = None
    expires_at: float | None = None


def fields_of(job: NewJob) -> dict[str, str]:
    """The fields of a record that never change; admission adds the rest."""
    optional = {"batch": job.batch, "custom_id": job.custom_id, "request_id": job.request_id, "trace": job.trace}
    return {
        "v": SCHEMA_VERSION,
        "id": job.id,
        "tenant": job.tenant,
        "kind": job.kind,
        "bucket": job.bucket,
        "cost_s": repr(job.cost_s),
        "priority": job.request.priority,
        "request": job.request.model_dump_json(),
        **{name: value for name, value in optional.items() if value is not None},
    }


def record_of(fields: Mapping[str, str]) -> JobRecord:
    """A record from its hash; one that failed as corrupt is shown as far as it can be read.

    Raises:
        CorruptRecord: it is of another version or broken, and nobody has said so in it yet.
    """
    try:
        row = _Row.model_validate(dict(fields))
    except ValidationError as exc:
        if fields.get("status") == "failed":
            return _salvaged(fields)
        first = exc.errors(include_input=False)[0]
        raise CorruptRecord(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc
    values = row.model_dump(exclude={"v", "result", "request", "error"})
    for name in ("created_at", "started_at", "completed_at", "cancel_requested_at", "expires_at"):
        values[name] = None if values[name] is None else values[name] / 1e6
    result = row.result or _Result()
    return JobRecord(
        **values,
        request=row.request,
        error=row.error,
        outputs=result.outputs,
        reports=result.reports,
        cue_sheet=result.cue_sheet,
        warnings=result.warnings,
    )


def result_json(result: JobResult) -> str:
    """What a job came to, as it is kept."""
    return _Result(
        outputs=result.outputs, reports=result.reports, cue_sheet=result.cue_sheet, warnings=result.warnings
    ).model_dump_json()


def result_is_whole(raw: str) -> bool:
    """Whether a kept result can be read back."""
    try:
        _Result.model_validate_json(raw)
    except ValidationError:
        return False
    return True


def corrupt_problem(why: str) -> Problem:
    """What a job ends with whose entry in Redis cannot be read."""
    return Problem(
        type=TYPE + CORRUPT,
        title="The job's entry in the queue cannot be read",
        status=500,
        detail=f"the entry is damaged or of another version of the service ({why}); send the request again",
        code=CORRUPT,
    )


def crashed_problem(runs: int) -> Problem:
    """What a job ends with that lost its worker each time."""
    return Problem(
        type=TYPE + CRASHED,
        title="The job's worker died",
        status=500,
        detail=f"each of the {runs} workers that tried the job died or fell silent; its input may be to blame",
        code=CRASHED,
    )


def _salvaged(fields: Mapping[str, str]) -> JobRecord:
    try:
        problem = Problem.model_validate_json(fields.get("error", ""))
    except ValidationError:
        problem = corrupt_problem("nothing of it is left")
    return JobRecord(
        id=fields.get("id", ""),
        tenant=fields.get("tenant", ""),
        kind="cue_sheet" if fields.get("kind") == "cue_sheet" else "soundtrack",
        status="failed",
        request=SoundtrackRequest(sources=(CaptionSource(text="(the request cannot be read)"),)),
        priority="batch" if fields.get("priority") == "batch" else "interactive",
        created_at=_seconds(fields.get("created_at")) or 0.0,
        error=problem,
        completed_at=_seconds(fields.get("completed_at")),
        expires_at=_seconds(fields.get("expires_at")),
    )


def _seconds(raw: str | None) -> float | None:
    try:
        return float(raw) / 1e6 if raw else None
    except ValueError:
        return None


def ending_json(status: str, problem: Problem | None) -> str:
    """What BullMQ keeps as the reason of a job that did not succeed, so that a crash after it can be repaired."""
    return json.dumps({"status": status, "problem": problem.model_dump_json() if problem else ""})


def ending_of(raw: str) -> tuple[JobStatus, str]:
    """Status and problem (JSON, or '') from what `ending_json` wrote; any other reason is a dead worker's."""
    try:
        kept = json.loads(raw)
        status: JobStatus = "cancelled" if kept["status"] == "cancelled" else "failed"
        return status, str(kept["problem"])
    except (ValueError, TypeError, KeyError):
        return "failed", crashed_problem(0).model_dump_json()
