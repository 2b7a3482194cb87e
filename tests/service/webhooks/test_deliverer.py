"""The sender over real connections: who is told, how often, and what stops it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from service.net.egress import Egress
from service.net.errors import ForbiddenAddress
from service.net.policy import Policy
from service.records.memory import MemoryRecords
from service.webhooks.deliverer import SCHEDULE_S, Deliverer, Pace
from service.webhooks.endpoint import MAX_ENDPOINTS, Endpoint, Endpoints
from service.webhooks.errors import TooManyEndpoints, UnknownEndpoint
from service.webhooks.event import EVENTS
from service.webhooks.memory import MemoryDeliveries
from service.webhooks.port import Delivery, State
from service.webhooks.seal import KeySeal
from service.webhooks.signature import verify
from tests.service.net.tls_server import Page, Site, answer, contexts, redirect, serving
from tests.service.webhooks.jobs import JOB, ended

POLICY = Policy(ports=None, loopback=True, connect_s=5.0)
PACE = Pace(nap_s=0.02, limit_s=5.0, schedule_s=(0.0, 0.02, 0.02))
OK = answer(b"", status="204 No Content")
MESSAGE_ID = f"msg_{JOB}_succeeded"


class Desk:
    """A sender, its endpoints and a receiver."""

    def __init__(self, site: Site, pace: Pace = PACE) -> None:
        self.site, self.records, self.queue = site, MemoryRecords(), MemoryDeliveries()
        egress = Egress(POLICY, tls=contexts()[1])
        self.endpoints = Endpoints(self.records, KeySeal("k"), egress)
        self.counted: list[str] = []
        self.sender = Deliverer(self.endpoints, self.queue, egress, pace=pace, count=self.counted.append)

    async def endpoint(
        self, path: str = "/hook", tenant: str = "films", every_job: bool = True
    ) -> tuple[Endpoint, str]:
        """A new endpoint at a path of the receiver, with its secret."""
        url = self.site.url(path, "127.0.0.1")
        return await self.endpoints.create(tenant, url, events=EVENTS, every_job=every_job)

    async def until(self, endpoint: Endpoint, state: State, *, within_s: float = 10.0) -> Delivery:
        """The newest delivery once it is in a state."""
        end = time.monotonic() + within_s
        while not (log := await self.queue.log(endpoint.id)) or log[0].state != state:
            assert time.monotonic() < end, log
            await asyncio.sleep(0.005)
        return log[0]


def on_desk(pages: dict[str, Page], work: Callable[[Desk], Awaitable[None]], *, pace: Pace = PACE) -> Site:
    """Do something while the sender runs."""

    async def go() -> Site:
        async with serving(pages) as site:
            desk = Desk(site, pace)
            running = asyncio.create_task(desk.sender.run())
            try:
                await work(desk)
            finally:
                running.cancel()
                await asyncio.wait({running})
        return site

    return asyncio.run(go())


def headers_of(asked: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request."""
    head, _, body = asked.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return {pair[0]: pair[1] for pair in pairs}, body


def test_the_schedule_is_that_of_the_specification() -> None:
    assert len(SCHEDULE_S) == 10
    assert sum(SCHEDULE_S) / 3600 == pytest.approx(75.6, abs=0.05)


def test_the_end_of_a_job_is_told_once_and_signed() -> None:
    secrets: list[str] = []

    async def work(desk: Desk) -> None:
        endpoint, secret = await desk.endpoint()
        secrets.append(secret)
        for _ in range(5):
            await desk.sender.enqueue_for(ended())
        done = await desk.until(endpoint, "delivered")
        await desk.sender.enqueue_for(ended())
        assert [a.status for a in done.attempts] == [204]
        assert len(await desk.queue.log(endpoint.id)) == 1

    site = on_desk({"/hook": OK}, work)
    headers, body = headers_of(site.asked[0])
    verify(secrets, headers, body)
    assert (len(site.asked), headers["webhook-id"]) == (1, MESSAGE_ID)
    assert json.loads(body)["data"]["id"] == JOB
    assert len(body) < 20_000


def test_a_job_that_goes_on_is_not_told() -> None:
    async def work(desk: Desk) -> None:
        endpoint, _ = await desk.endpoint()
        await desk.sender.enqueue_for(ended("running"))
        assert await desk.queue.log(endpoint.id) == ()

    on_desk({"/hook": OK}, work)


def test_a_named_endpoint_is_told_and_no_other() -> None:
    async def work(desk: Desk) -> None:
        named, _ = await desk.endpoint(every_job=False)
        other, _ = await desk.endpoint()
        foreign, _ = await desk.endpoint(tenant="else")
        await desk.sender.enqueue_for(ended(webhook=named.id))
        await desk.until(named, "delivered")
        assert await desk.queue.log(other.id) == ()
        await desk.sender.enqueue_for(replace(ended(), id=JOB[:-1] + "0"))
        await desk.until(other, "delivered")
        await desk.sender.enqueue_for(ended(webhook=foreign.id))
        assert len(await desk.queue.log(named.id)) == 1
        assert await desk.queue.log(foreign.id) == ()

    on_desk({"/hook": OK}, work)


def test_a_failed_try_is_repeated_with_the_same_id_until_the_schedule_ends() -> None:
    async def work(desk: Desk) -> None:
        endpoint, _ = await desk.endpoint()
        await desk.sender.enqueue_for(ended())
        given_up = await desk.until(endpoint, "failed")
        assert [a.status for a in given_up.attempts] == [500, 500, 500]
        desk.site.pages["/hook"] = OK
        await desk.queue.replay(endpoint.id, MESSAGE_ID)
        assert len((await desk.until(endpoint, "delivered")).attempts) == 4
        assert desk.counted == ["failed", "failed", "gave_up", "delivered"]

    site = on_desk({"/hook": answer(b"", status="500 Oh")}, work)
    assert {headers_of(asked)[0]["webhook-id"] for asked in site.asked} == {MESSAGE_ID}


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    async def work(desk: Desk) -> None:
        endpoint, _ = await desk.endpoint()
        await desk.sender.enqueue_for(ended())
        attempt = (await desk.until(endpoint, "failed")).attempts[0]
        assert (attempt.status, attempt.error) == (302, "redirects are not followed")

    site = on_desk({"/hook": redirect("/else"), "/else": OK}, work)
    assert all(asked.startswith(b"POST /hook ") for asked in site.asked)


def test_410_disables_the_endpoint_until_it_is_enabled_again() -> None:
    async def work(desk: Desk) -> None:
        endpoint, _ = await desk.endpoint()
        await desk.sender.enqueue_for(ended())
        assert len((await desk.until(endpoint, "failed")).attempts) == 1
        assert (await desk.endpoints.get(endpoint.id, tenant="films")).disabled == "it answered 410 Gone"
        await desk.sender.enqueue_for(ended("failed"))
        assert len(await desk.queue.log(endpoint.id)) == 1
        desk.site.pages["/hook"] = OK
        assert (await desk.endpoints.enable(endpoint.id, tenant="films")).disabled is None
        await desk.sender.enqueue_for(ended("cancelled"))
        await desk.until(endpoint, "delivered")

    on_desk({"/hook": answer(b"", status="410 Gone")}, work)


def test_a_silent_receiver_is_given_up_and_holds_up_nobody() -> None:
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2.0)

    async def work(desk: Desk) -> None:
        silent, _ = await desk.endpoint("/silent")
        well, _ = await desk.endpoint("/hook")
        await desk.sender.enqueue_for(ended())
        await desk.until(well, "delivered")
        attempt = (await desk.until(silent, "failed")).attempts[0]
        assert (attempt.status, attempt.error) == (None, "no answer within 0 s")
        assert attempt.latency_ms >= 100

    on_desk({"/hook": OK, "/silent": silence}, work, pace=replace(PACE, limit_s=0.1))


def test_after_a_rotation_both_secrets_sign_and_the_oldest_goes() -> None:
    async def work(desk: Desk) -> None:
        endpoint, first = await desk.endpoint()
        rotated, second = await desk.endpoints.rotate(endpoint.id, tenant="films")
        attempt = await desk.sender.try_out(rotated)
        assert attempt.status == 204
        headers, body = headers_of(desk.site.asked[0])
        verify(first, headers, body)
        verify(second, headers, body)
        assert json.loads(body)["type"] == "webhook.test"
        for _ in range(4):
            rotated, _ = await desk.endpoints.rotate(endpoint.id, tenant="films")
        assert len(rotated.secrets) == 3

    on_desk({"/hook": OK}, work)


def test_secrets_and_endpoints_are_kept_apart_by_tenant_and_sealed() -> None:
    async def work(desk: Desk) -> None:
        endpoint, secret = await desk.endpoint()
        assert (
            secret.removeprefix("whsec_")
            not in (await desk.records.get("webhook_endpoint", endpoint.id, tenant=None)).body
        )
        with pytest.raises(UnknownEndpoint):
            await desk.endpoints.get(endpoint.id, tenant="else")
        with pytest.raises(UnknownEndpoint):
            await desk.endpoints.delete(endpoint.id, tenant="else")
        await desk.endpoints.delete(endpoint.id, tenant="films")
        assert await desk.endpoints.all("films") == ()

    on_desk({}, work)


def test_what_waits_for_a_deleted_endpoint_is_dropped() -> None:
    async def work(desk: Desk) -> None:
        endpoint, _ = await desk.endpoint()
        await desk.endpoints.delete(endpoint.id, tenant="films")
        desk.endpoints.listening = lambda job, event: _these(endpoint)  # type: ignore[method-assign]
        await desk.sender.enqueue_for(ended())
        assert (await desk.until(endpoint, "failed")).attempts == ()
        assert desk.counted == ["gave_up"]

    on_desk({"/hook": OK}, work)


async def _these(*endpoints: Endpoint) -> tuple[Endpoint, ...]:
    return endpoints


def test_an_endpoint_inside_and_one_too_many_are_refused() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(ForbiddenAddress):
            await desk.endpoints.create("films", "https://10.0.0.1/", events=EVENTS)
        for _ in range(MAX_ENDPOINTS):
            await desk.endpoint()
        with pytest.raises(TooManyEndpoints):
            await desk.endpoint()
        await desk.endpoint(tenant="else")

    on_desk({}, work)
