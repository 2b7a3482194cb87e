"""ClientError > ApiError | Unreachable | TimedOut | Damaged | Misunderstood | InvalidRequest | NotMade.

They are no kind of `ServiceError`: this is the other side of the wire.
"""

from schemas.problem import Problem


class ClientError(Exception):
    """The base of what the client raises; the message says how to mend it."""


class ApiError(ClientError):
    """The service refused; `problem` says why, `problem.code` names it for programs."""

    def __init__(self, problem: Problem, retry_after_s: float | None = None) -> None:
        named = f" ({problem.code})" if problem.code else ""
        super().__init__(f"{problem.status} {problem.title}{named}: {problem.detail}")
        self.problem, self.retry_after_s = problem, retry_after_s

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class Unreachable(ClientError):
    """The service did not answer, or broke off, more often than was tried."""


class TimedOut(ClientError):
    """The job did not end in the time given; it goes on, and can be waited for again."""


class Damaged(ClientError):
    """A file is not what the service says that it is, although it was fetched twice; nothing was kept."""


class Misunderstood(ClientError):
    """The answer is none that this client knows: something else answers at the address."""


class InvalidRequest(ClientError):
    """What was asked breaks a rule, or names a file that is not there; nothing was sent."""


class NotMade(ClientError):
    """A job ended without what was asked of it: it failed, was cancelled or has expired."""
