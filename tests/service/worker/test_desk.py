"""The last word on a job is written once, and only by who holds it."""

import asyncio
from pathlib import Path

from service.jobs.errors import LostClaim, QueueUnavailable
from service.jobs.port import Claim, JobResult
from service.observe.metrics import Metrics
from service.store.objects import ObjectArtifacts
from service.store.port import Stored, StoreUnavailable
from service.worker.desk import Desk
from service.worker.naming import job_prefix
from service.worker.task import Made, Outcome
from tests.service.worker.conftest import House, steal, submit


class Weary(ObjectArtifacts):
    """A store that is away for the first `refusals` puts."""

    refusals = 0

    async def put(self, key: str, path: Path) -> Stored:
        self.refusals -= 1
        if self.refusals >= 0:
            raise StoreUnavailable("the store does not answer")
        return await super().put(key, path)


def outcome_in(folder: Path, claim: Claim) -> Outcome:
    path = folder / "stems" / "bass.wav"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"bass")
    return Outcome(claim.job.id, made=(Made(path, "stem", 1, "audio/wav"),))


async def keys(store: ObjectArtifacts, job_id: str) -> list[str]:
    return [stored.key async for stored in store.list(job_prefix(job_id))]


def test_a_stale_result_is_refused_and_its_files_are_removed(house: House, tmp_path: Path) -> None:
    async def story() -> None:
        store = ObjectArtifacts.memory()
        async with house.queue() as queue:
            id_ = await submit(queue, "calm")
            (claim,) = await queue.claim("one", most=1, wait_s=1)
            await steal(house, id_)
            desk = Desk(queue, store, Metrics(), attempts=3, patience_s=0)
            await desk.end(claim, outcome_in(tmp_path, claim), tmp_path)
            assert (await queue.get(id_)).status == "running"
            assert await keys(store, id_) == []

    asyncio.run(story())


def test_a_result_outlives_a_store_that_is_away_for_a_moment(house: House, tmp_path: Path) -> None:
    async def story() -> None:
        store = Weary.memory()
        store.refusals = 1
        async with house.queue() as queue:
            id_ = await submit(queue, "calm")
            (claim,) = await queue.claim("one", most=1, wait_s=1)
            desk = Desk(queue, store, Metrics(), attempts=3, patience_s=5)
            await desk.end(claim, outcome_in(tmp_path, claim), tmp_path)
            job = await queue.get(id_)
            assert (job.status, job.outputs[0].name) == ("succeeded", "stems-bass.wav")
            assert await keys(store, id_) == [f"jobs/{id_}/1/stems-bass.wav"]

    asyncio.run(story())


def test_a_store_that_stays_away_costs_the_try_and_nothing_half_is_seen(house: House, tmp_path: Path) -> None:
    async def story() -> None:
        store = Weary.memory()
        store.refusals = 100
        house.change(attempts=1)
        async with house.queue() as queue:
            id_ = await submit(queue, "calm")
            (claim,) = await queue.claim("one", most=1, wait_s=1)
            desk = Desk(queue, store, Metrics(), attempts=1, patience_s=0)
            await desk.end(claim, outcome_in(tmp_path, claim), tmp_path)
            job = await queue.get(id_)
            assert (job.status, job.outputs, job.error and job.error.retryable) == ("failed", (), True)

    asyncio.run(story())


class Stammering:
    """A queue whose first answer to `complete` is lost after it was written, as when Redis dies right then."""

    def __init__(self) -> None:
        self.calls = 0

    async def complete(self, claim: Claim, result: JobResult) -> None:
        self.calls += 1
        raise (QueueUnavailable if self.calls == 1 else LostClaim)("Redis does not answer")


def test_files_stay_when_nobody_knows_whether_they_were_published(house: House, tmp_path: Path) -> None:
    async def story() -> None:
        store = ObjectArtifacts.memory()
        async with house.queue() as queue:
            id_ = await submit(queue, "calm")
            (claim,) = await queue.claim("one", most=1, wait_s=1)
            queue.complete = Stammering().complete  # type: ignore[method-assign]
            desk = Desk(queue, store, Metrics(), attempts=3, patience_s=0)
            await desk.end(claim, outcome_in(tmp_path, claim), tmp_path)
            assert len(await keys(store, id_)) == 1

    asyncio.run(story())
