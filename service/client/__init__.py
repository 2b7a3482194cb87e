"""The Python client of the service: `Tonereel`, and `AsyncTonereel` for event loops.

The one package here whose names are taken from itself: it is what users import.
"""

from service.client.asynchronous import AsyncTonereel
from service.client.blocking import Tonereel
from service.client.errors import ApiError, ClientError, Damaged, InvalidRequest, NotMade, TimedOut, Unreachable
from service.client.following import Event
from service.client.sending import Patience

__all__ = [
    "ApiError",
    "AsyncTonereel",
    "ClientError",
    "Damaged",
    "Event",
    "InvalidRequest",
    "NotMade",
    "Patience",
    "TimedOut",
    "Tonereel",
    "Unreachable",
]
