"""The routes over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from service.access.gate import Caller
from service.access.key import SCOPES
from service.errors import ServiceError
from service.net.errors import NetError
from service.webhooks.errors import UnknownDelivery, UnknownEndpoint
from service.webhooks.routes import webhook_router
from tests.service.net.tls_server import Page, serving
from tests.service.webhooks.jobs import ended
from tests.service.webhooks.test_deliverer import MESSAGE_ID, OK, Desk

BASE = "/v1/webhook-endpoints"
STATUSES: dict[type[ServiceError], int] = {UnknownEndpoint: 404, UnknownDelivery: 404, NetError: 422}


async def caller(x_tenant: str = Header("films")) -> Caller:
    """Whoever the header says."""
    return Caller(x_tenant, None, frozenset(SCOPES), 10)


def app_of(desk: Desk) -> FastAPI:
    """The routes with a plain handler of errors; FastAPI's own one comes with the service."""

    async def plain(request: Request, error: Exception) -> JSONResponse:
        status = next(s for kind, s in STATUSES.items() if isinstance(error, kind))
        return JSONResponse({"detail": str(error)}, status)

    app = FastAPI()
    app.include_router(webhook_router(desk.sender, caller), prefix="/v1")
    for kind in STATUSES:
        app.add_exception_handler(kind, plain)
    return app


def over_http(work: Callable[[httpx.AsyncClient, Desk], Awaitable[None]]) -> None:
    """Talk to the routes while a receiver listens."""
    pages: dict[str, Page] = {"/hook": OK}

    async def go() -> None:
        async with serving(pages) as site:
            desk = Desk(site)
            transport = httpx.ASGITransport(app_of(desk))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                await work(client, desk)

    asyncio.run(go())


async def made(client: httpx.AsyncClient, desk: Desk) -> str:
    """The path of a new endpoint."""
    answer = await client.post(BASE, json={"url": desk.site.url("/hook", "127.0.0.1")})
    assert answer.status_code == 201
    return str(answer.headers["location"])


def test_an_endpoint_is_made_shown_and_deleted_and_its_secret_is_shown_once() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        answer = await client.post(BASE, json={"url": desk.site.url("/hook", "127.0.0.1")})
        new = answer.json()
        assert new.pop("secret").startswith("whsec_")
        assert answer.headers["cache-control"] == "no-store"
        place = answer.headers["location"]
        assert (await client.get(place)).json() == new
        assert (await client.get(BASE)).json() == {"data": [new]}
        assert "secret" not in new
        assert "tenant" not in new
        assert (await client.delete(place)).status_code == 204
        assert (await client.get(place)).status_code == 404
        assert (await client.get(BASE)).json() == {"data": []}

    over_http(work)


def test_a_foreign_endpoint_is_not_there() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        place, other = await made(client, desk), {"x-tenant": "else"}
        assert (await client.get(BASE, headers=other)).json() == {"data": []}
        tries = [client.get(place, headers=other), client.delete(place, headers=other)]
        tries += [client.post(f"{place}/{verb}", headers=other) for verb in ("rotate", "test", "enable")]
        tries.append(client.get(f"{place}/deliveries", headers=other))
        tries.append(client.post(f"{place}/deliveries/{MESSAGE_ID}/replay", headers=other))
        assert [(await answer).status_code for answer in tries] == [404] * 7

    over_http(work)


def test_bad_endpoints_are_refused() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        bodies: tuple[dict[str, object], ...] = (
            {"url": "https://169.254.169.254/"},
            {"url": "http://example.com/"},
            {"url": "https://example.com/" + "a" * 3_000},
            {"url": "https://127.0.0.1/", "events": ["soundtrack.progress"]},
            {"url": "https://127.0.0.1/", "events": []},
            {"url": "https://127.0.0.1/", "more": 1},
            {},
        )
        assert [(await client.post(BASE, json=body)).status_code for body in bodies] == [422] * 7
        for path in ("/we_x", "/../keys", "/we_" + "0" * 26 + "/deliveries/..%2F/replay"):
            assert (await client.post(BASE + path)).status_code in {404, 405, 422}

    over_http(work)


def test_a_test_message_says_how_it_went_and_rotation_gives_a_new_secret() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        place = await made(client, desk)
        tried = (await client.post(f"{place}/test")).json()
        assert (tried["status"], tried["error"]) == (204, None)
        desk.site.pages.clear()
        assert (await client.post(f"{place}/test")).json()["status"] == 404
        secrets = {(await client.post(f"{place}/rotate")).json()["secret"] for _ in range(2)}
        assert len(secrets) == 2
        assert (await client.post(f"{place}/enable")).json()["disabled"] is None

    over_http(work)


def test_deliveries_are_listed_and_replayed() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        place = await made(client, desk)
        await desk.sender.enqueue_for(ended())
        (listed,) = (await client.get(f"{place}/deliveries")).json()["data"]
        assert (listed["id"], listed["event"], listed["state"]) == (MESSAGE_ID, "soundtrack.succeeded", "pending")
        replayed = await client.post(f"{place}/deliveries/{MESSAGE_ID}/replay")
        assert (replayed.status_code, replayed.json()["state"]) == (202, "pending")
        assert (await client.post(f"{place}/deliveries/msg_unknown/replay")).status_code == 404

    over_http(work)


def test_every_schema_has_an_example() -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
        ours = {name: s for name, s in schemas.items() if "Validation" not in name}
        assert all("examples" in schema for schema in ours.values())

    over_http(work)
