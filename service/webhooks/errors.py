"""WebhookError > UnknownEndpoint | UnknownDelivery | TooManyEndpoints | SecretUnreadable | BadSignature | ..."""

from service.errors import ServiceError


class WebhookError(ServiceError):
    """The base of what fails around webhooks (500: only its kinds are raised)."""


class UnknownEndpoint(WebhookError):
    """There is no such endpoint, or it is somebody else's (404)."""


class UnknownDelivery(WebhookError):
    """There is no such delivery, or it is no longer kept (404)."""


class TooManyEndpoints(WebhookError):
    """A tenant has as many endpoints as it may have (409)."""


class SecretUnreadable(WebhookError):
    """A stored secret cannot be decrypted: the signing key is not the one it was stored under (500)."""


class DeliveriesUnavailable(WebhookError):
    """Redis does not answer; nothing was written (503)."""


class BadSignature(WebhookError):
    """A message is not from whom it says, or too old (401, raised only at receivers)."""
