"""Problems that a job ends with, from errors of any kind; nothing of this machine's folders shows in them."""

from pathlib import Path

from schemas.problem import TYPE, Problem
from service.failure import UNEXPECTED, failure_of, one_line
from service.jobs.records import CRASHED
from service.net.errors import FetchFailed

TIMED_OUT, NO_OUTCOME = "timed-out", "no-outcome"
SERVER_FAULT = 500
UNEXPECTED_DETAIL = "something failed that should not; try again, and report it with the job's id if it stays"


def problem_of(error: Exception, *folders: Path) -> Problem:
    """An error as the problem that a client sees; the names of `folders` are taken out of its message.

    Faults of the service may pass another time and are retryable, as are some of other servers; faults of the request
    are not.
    """
    failure = failure_of(error)
    detail = UNEXPECTED_DETAIL if failure is UNEXPECTED else one_line(error)
    for folder in folders:
        detail = detail.replace(f"{folder}/", "")
    return Problem(
        type=TYPE + failure.slug,
        title=failure.title,
        status=failure.status,
        detail=detail,
        code=failure.slug,
        retryable=error.retryable if isinstance(error, FetchFailed) else failure.status >= SERVER_FAULT,
    )


def crashed() -> Problem:
    """The process that made the job died."""
    return Problem(
        type=TYPE + CRASHED,
        title="The worker crashed",
        status=500,
        detail="the process that made this job died; try again, or with shorter or fewer sources",
        code=CRASHED,
        retryable=True,
    )


def timed_out(limit_s: float) -> Problem:
    """The job took too long and was stopped; it would again, so it is not retried."""
    return Problem(
        type=TYPE + TIMED_OUT,
        title="The job took too long",
        status=504,
        detail=f"stopped after {limit_s:g} s; ask for shorter music or fewer takes",
        code=TIMED_OUT,
    )


def silent() -> Problem:
    """The engine ended without a word about the job."""
    return Problem(
        type=TYPE + NO_OUTCOME,
        title="The engine forgot the job",
        status=500,
        detail=UNEXPECTED_DETAIL,
        code=NO_OUTCOME,
        retryable=True,
    )
