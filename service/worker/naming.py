"""Where a job's files lie in the store, and what they are called; the API finds them by the same rules."""

from pathlib import Path

from service.errors import BadInput
from service.jobs.port import JobRecord

JOB_PREFIX, ARTIFACT_PREFIX = "st_", "art_"
JOBS, UPLOADS = "jobs/", "uploads/"
UPLOAD_RECORD = "upload"  # the kind of the record that says what an upload is


def job_prefix(job_id: str) -> str:
    """Everything of a job lies under this."""
    return f"{JOBS}{job_id}/"


def attempt_prefix(job_id: str, attempt: int) -> str:
    """The files of one try; those of a succeeded job's last try are its artifacts, all others are nobody's."""
    return f"{job_prefix(job_id)}{attempt}/"


def upload_key(upload_id: str) -> str:
    """The content of an upload."""
    return f"{UPLOADS}{upload_id}/data"


def artifact_id(job_id: str, index: int) -> str:
    """`art_{ulid of the job}_{place among its outputs}`."""
    return f"{ARTIFACT_PREFIX}{job_id.removeprefix(JOB_PREFIX)}_{index}"


def parse_artifact_id(id_: str) -> tuple[str, int]:
    """The job's id and the place among its outputs that `artifact_id` was made from.

    Raises:
        BadInput: when it is not the id of an artifact.
    """
    ulid, _, index = id_.removeprefix(ARTIFACT_PREFIX).rpartition("_")
    if not id_.startswith(ARTIFACT_PREFIX) or not ulid or not (index.isascii() and index.isdigit()):
        raise BadInput(f"{id_[:100]!r} is not the id of an artifact; take it from a job's outputs")
    return JOB_PREFIX + ulid, int(index)


def artifact_key(job: JobRecord, index: int) -> str | None:
    """The key of an output's content in the store; None when the job has not made so many."""
    if job.status != "succeeded" or not 0 <= index < len(job.outputs):
        return None
    return attempt_prefix(job.id, job.attempt) + job.outputs[index].name


def content_url(id_: str) -> str:
    """Where the API serves an artifact's content."""
    return f"/v1/artifacts/{id_}/content"


def name_in(folder: Path, path: Path) -> str:
    """One name for a file somewhere in a folder: the names on the way to it, joined."""
    return "-".join(path.relative_to(folder).parts)
