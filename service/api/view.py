"""A job as clients see it."""

import hashlib
import math
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

from schemas.soundtrack import TERMINAL, FileInput, MediaInput, Output, Soundtrack, SoundtrackRequest
from service.jobs.port import JobRecord
from service.worker.naming import content_url

PREFIX_OF = {"soundtrack": "/v1/soundtracks", "cue_sheet": "/v1/cue-sheets"}
LONGEST_RETRY_S = 30
F = TypeVar("F", bound=FileInput)


def view(job: JobRecord, *, ahead: int | None = None) -> Soundtrack:
    """A job; `ahead` is how many jobs are before it. The secrets that an address may carry are taken out."""
    return Soundtrack(
        id=job.id,
        object=job.kind,
        status=job.status,
        stage=job.stage,
        progress=job.progress,
        queue_position=ahead,
        eta_s=_eta_s(job, ahead),
        attempt=job.attempt,
        priority=job.priority,
        seed=job.request.seed,
        input=_redacted(job.request),
        batch=job.batch,
        custom_id=job.custom_id,
        outputs=tuple(_placed(output) for output in job.outputs),
        reports=job.reports,
        cue_sheet=job.cue_sheet,
        warnings=job.warnings,
        error=job.error,
        metadata=job.request.metadata,
        created_at=datetime.fromtimestamp(job.created_at, UTC),
        started_at=_time(job.started_at),
        completed_at=_time(job.completed_at),
        cancel_requested_at=_time(job.cancel_requested_at),
        expires_at=_time(job.expires_at),
    )


def address_of(job: JobRecord) -> str:
    """Where a job is found."""
    return f"{PREFIX_OF[job.kind]}/{job.id}"


def is_over(job: JobRecord) -> bool:
    """Whether nothing about a job will change again."""
    return job.status in TERMINAL


def retry_after(shown: Soundtrack) -> str:
    """When to look again, in whole seconds."""
    return str(min(LONGEST_RETRY_S, max(1, math.ceil(shown.eta_s or 0))))


def etag_of(body: str) -> str:
    """A strong ETag of a text."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def _eta_s(job: JobRecord, ahead: int | None) -> float | None:
    """Expected seconds to the end, as if all jobs before it cost the same and one worker made them."""
    if is_over(job):
        return None
    return round(job.cost_s * (1 - job.progress) + job.cost_s * (ahead or 0), 1)


def _placed(output: Output) -> Output:
    return output.model_copy(update={"content_url": content_url(output.artifact_id)})


def _redacted(request: SoundtrackRequest) -> SoundtrackRequest:
    sources = tuple(_shown(s) if isinstance(s, MediaInput) else s for s in request.sources)
    beside = {"melody": request.melody and _shown(request.melody), "sound": request.sound and _shown(request.sound)}
    return request.model_copy(update={"sources": sources, **beside})


def _shown(file: F) -> F:
    return file.model_copy(update={"url": _without_secrets(file.url)}) if file.url else file


def _without_secrets(url: str) -> str:
    """An address without query, fragment and login: signed addresses carry their secret there."""
    parts = urlsplit(url)
    return f"https://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
