"""Jobs that ended."""

from schemas.problem import Problem
from schemas.soundtrack import JobStatus, SoundtrackRequest
from schemas.source import CaptionSource
from service.jobs.port import JobRecord

JOB = "st_01kb3w9h8x5m2c7q4r6t8v0y1z"


def ended(status: JobStatus = "succeeded", *, webhook: str | None = None, tenant: str = "films") -> JobRecord:
    """A job that came to an end, or to another status."""
    request = SoundtrackRequest(sources=(CaptionSource(text="calm piano"),), webhook=webhook)
    error = Problem(title="t", status=500, detail="d", code="worker-crashed") if status == "failed" else None
    return JobRecord(
        id=JOB,
        tenant=tenant,
        kind="soundtrack",
        status=status,
        request=request,
        priority="interactive",
        created_at=1_700_000_000.0,
        completed_at=1_700_000_009.5,
        error=error,
    )
