"""QueueError > QueueFull | QueueUnavailable | UnknownJob | JobOver | JobLive | LostClaim | KeyReused | KeyInFlight."""

from service.errors import ServiceError


class QueueError(ServiceError):
    """The base of what the queue refuses."""


class QueueFull(QueueError):
    """As many jobs wait as may wait; `scope` says of whom, `retry_after_s` when to try again."""

    def __init__(self, scope: str, retry_after_s: float) -> None:
        super().__init__(f"{scope} has as many jobs waiting as it may; try again in {retry_after_s:.0f} s")
        self.scope, self.retry_after_s = scope, retry_after_s


class QueueUnavailable(QueueError):
    """Redis does not answer; nothing was accepted."""


class UnknownJob(QueueError):
    """There is no such job, or it is no longer kept."""


class JobOver(QueueError):
    """The job has ended, so it cannot be cancelled."""


class JobLive(QueueError):
    """The job has not ended, so it cannot be deleted."""


class LostClaim(QueueError):
    """Another worker holds the job by now: what this one made is refused."""


class KeyReused(QueueError):
    """The idempotency key was used for another body."""


class KeyInFlight(QueueError):
    """The first request with this idempotency key has not been answered yet."""
