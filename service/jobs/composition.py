"""Builds the queue of a process from its settings."""

from service.errors import BadInput
from service.jobs.bull import BullQueue
from service.jobs.config import QueueConfig
from service.settings import Settings


def queue_of(settings: Settings) -> BullQueue:
    """The queue on the Redis of the settings; `redis_url` must be set (the embedded server's address, if need be).

    Raises:
        BadInput: no address is set, or it is none.
    """
    if settings.redis_url is None:
        raise BadInput("no Redis is set; start the embedded one and set TONEREEL_REDIS_URL to its address")
    try:
        return BullQueue.connect(settings.redis_url.get_secret_value(), QueueConfig.of(settings))
    except ValueError as exc:
        raise BadInput("TONEREEL_REDIS_URL is no address such as redis://host:6379/0 or unix:///path") from exc
