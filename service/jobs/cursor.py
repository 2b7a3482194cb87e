"""Where the next page of jobs begins, as text that means nothing to those who hand it back."""

import base64
import binascii

from service.errors import BadInput
from service.jobs.port import JobRecord


def cursor_after(job: JobRecord) -> str:
    """The cursor of the page that begins after this job."""
    return base64.urlsafe_b64encode(f"{round(job.created_at * 1e6)}:{job.id}".encode()).decode()


def place_of(cursor: str) -> tuple[int, str]:
    """Microsecond of creation and id of the last job before the page; raises BadInput for what no page gave."""
    try:
        created, _, id_ = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        return int(created), id_
    except (ValueError, binascii.Error) as exc:
        raise BadInput("the cursor is none that a page gave; leave it out to begin with the newest") from exc
