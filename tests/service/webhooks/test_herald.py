"""The herald: every end is told once to whoever listens, however often it is seen."""

import asyncio

import pytest

from service.jobs.memory import MemoryQueue
from service.jobs.port import JobResult, NewJob
from service.net.egress import Egress
from service.net.policy import Policy
from service.records.memory import MemoryRecords
from service.records.port import RecordsUnavailable
from service.webhooks.deliverer import Deliverer
from service.webhooks.endpoint import Endpoints
from service.webhooks.event import EVENTS
from service.webhooks.herald import Herald
from service.webhooks.memory import MemoryDeliveries
from service.webhooks.seal import KeySeal
from tests.service.webhooks.jobs import JOB, ended


class Scene:
    """A queue with one ended job, and a deliverer that somebody listens to."""

    def __init__(self) -> None:
        egress = Egress(Policy(ports=None, loopback=True, connect_s=5.0))
        self.queue, self.deliveries, self.records = MemoryQueue(), MemoryDeliveries(), MemoryRecords()
        self.endpoints = Endpoints(self.records, KeySeal("k"), egress)
        self.deliverer = Deliverer(self.endpoints, self.deliveries, egress)
        self.herald = Herald(self.queue, self.deliverer)

    async def played(self) -> str:
        """Make the job and end it; the id of the endpoint that listens."""
        endpoint, _ = await self.endpoints.create("films", "https://127.0.0.1/hook", events=EVENTS, every_job=True)
        await self.queue.submit(NewJob(JOB, "films", "soundtrack", ended().request))
        (claim,) = await self.queue.claim("w", most=1, wait_s=0)
        await self.queue.complete(claim, JobResult())
        return endpoint.id


def test_an_end_is_told_once() -> None:
    async def scene() -> None:
        stage = Scene()
        endpoint = await stage.played()

        assert [await stage.herald.tell(), await stage.herald.tell()] == [1, 0]

        log = await stage.deliveries.log(endpoint)
        assert [delivery.message.id for delivery in log] == [f"msg_{JOB}_succeeded"]

    asyncio.run(scene())


def test_an_end_that_could_not_be_told_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise RecordsUnavailable("Redis does not answer")

    async def scene() -> None:
        stage = Scene()
        endpoint = await stage.played()
        with monkeypatch.context() as patch:
            patch.setattr(stage.deliverer, "enqueue_for", away)
            with pytest.raises(RecordsUnavailable):
                await stage.herald.tell()

        assert await stage.herald.tell() == 1
        assert len(await stage.deliveries.log(endpoint)) == 1

    asyncio.run(scene())
