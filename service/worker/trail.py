"""The span of a job in a worker, under the trace of the request that asked for it."""

from contextvars import copy_context

from service.jobs.port import Claim
from service.observe.tracing import Tracing


class Trail:
    """Open from a claim to the end of its try; those of other jobs may begin and end meanwhile."""

    def __init__(self, tracing: Tracing, claim: Claim) -> None:
        self._context = copy_context()  # "the current span" is one for each job, not for the task that has them all
        self._stretch = tracing.span(f"make {claim.job.kind}", parent=claim.job.trace)
        self._is_open = True
        span = self._context.run(self._stretch.__enter__)
        span.note("job.id", claim.job.id)
        span.note("job.attempt", claim.attempt)

    def close(self) -> None:
        """The try is over; harmless to call again."""
        if self._is_open:
            self._is_open = False
            self._context.run(self._stretch.__exit__, None, None, None)
