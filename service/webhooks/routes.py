"""The routes of webhook endpoints, to be mounted under /v1."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from service.access.gate import Caller
from service.webhooks.deliverer import Deliverer
from service.webhooks.wire import (
    AttemptView,
    DeliveryList,
    DeliveryView,
    EndpointList,
    EndpointRequest,
    EndpointView,
    NewEndpointView,
)

EndpointId = Annotated[str, Path(pattern=r"^we_[0-9a-z]{26}$")]
DeliveryId = Annotated[str, Path(pattern=r"^msg_[0-9A-Za-z_]{1,80}$")]


def webhook_router(deliverer: Deliverer, caller: Callable[..., Awaitable[Caller] | Caller]) -> APIRouter:
    """The routes; `caller` is the dependency that lets in who has the scope `webhooks`."""
    router = APIRouter(prefix="/webhook-endpoints", tags=["webhooks"])
    _add_endpoint_routes(router, deliverer, caller)
    _add_delivery_routes(router, deliverer, caller)
    return router


def _add_endpoint_routes(router: APIRouter, deliverer: Deliverer, caller: Callable[..., Any]) -> None:
    endpoints, deliveries = deliverer.endpoints, deliverer.deliveries
    who = Depends(caller)

    @router.post("", status_code=201)
    async def create_webhook_endpoint(wanted: EndpointRequest, response: Response, by: Caller = who) -> NewEndpointView:
        """Ask to be told when jobs end. The answer holds the secret, which is not shown again."""
        endpoint, secret = await endpoints.create(
            by.tenant, wanted.url, events=wanted.events, every_job=wanted.every_job
        )
        response.headers["Location"] = f"/v1/webhook-endpoints/{endpoint.id}"
        response.headers["Cache-Control"] = "no-store"
        return NewEndpointView.with_secret(endpoint, secret)

    @router.get("")
    async def list_webhook_endpoints(by: Caller = who) -> EndpointList:
        """All endpoints, newest first."""
        return EndpointList(data=tuple(EndpointView.of(e) for e in await endpoints.all(by.tenant)))

    @router.get("/{endpoint_id}")
    async def get_webhook_endpoint(endpoint_id: EndpointId, by: Caller = who) -> EndpointView:
        """One endpoint."""
        return EndpointView.of(await endpoints.get(endpoint_id, tenant=by.tenant))

    @router.delete("/{endpoint_id}", status_code=204)
    async def delete_webhook_endpoint(endpoint_id: EndpointId, by: Caller = who) -> None:
        """Forget an endpoint and what was sent to it."""
        await endpoints.delete(endpoint_id, tenant=by.tenant)
        await deliveries.drop(endpoint_id)

    @router.post("/{endpoint_id}/rotate")
    async def rotate_webhook_secret(endpoint_id: EndpointId, response: Response, by: Caller = who) -> NewEndpointView:
        """A new secret; for 24 hours messages are signed with the old one as well."""
        endpoint, secret = await endpoints.rotate(endpoint_id, tenant=by.tenant)
        response.headers["Cache-Control"] = "no-store"
        return NewEndpointView.with_secret(endpoint, secret)

    @router.post("/{endpoint_id}/enable")
    async def enable_webhook_endpoint(endpoint_id: EndpointId, by: Caller = who) -> EndpointView:
        """Send again to an endpoint that was disabled because it answered 410."""
        return EndpointView.of(await endpoints.enable(endpoint_id, tenant=by.tenant))


def _add_delivery_routes(router: APIRouter, deliverer: Deliverer, caller: Callable[..., Any]) -> None:
    endpoints, deliveries = deliverer.endpoints, deliverer.deliveries
    who = Depends(caller)

    @router.post("/{endpoint_id}/test")
    async def test_webhook_endpoint(endpoint_id: EndpointId, by: Caller = who) -> AttemptView:
        """Send a message of type `webhook.test` now, once, and say how it went."""
        return AttemptView.of(await deliverer.try_out(await endpoints.get(endpoint_id, tenant=by.tenant)))

    @router.get("/{endpoint_id}/deliveries")
    async def list_webhook_deliveries(endpoint_id: EndpointId, by: Caller = who) -> DeliveryList:
        """The last hundred deliveries, newest first."""
        endpoint = await endpoints.get(endpoint_id, tenant=by.tenant)
        return DeliveryList(data=tuple(DeliveryView.of(d) for d in await deliveries.log(endpoint.id)))

    @router.post("/{endpoint_id}/deliveries/{delivery_id}/replay", status_code=202)
    async def replay_webhook_delivery(
        endpoint_id: EndpointId, delivery_id: DeliveryId, by: Caller = who
    ) -> DeliveryView:
        """Send a delivery again, with the same webhook-id."""
        endpoint = await endpoints.get(endpoint_id, tenant=by.tenant)
        return DeliveryView.of(await deliveries.replay(endpoint.id, delivery_id))
