"""What those who ask for music rely on."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from service.errors import BadInput
from service.jobs.errors import JobLive, JobOver, KeyInFlight, KeyReused, QueueFull, UnknownJob
from service.jobs.port import Once, Submitted
from tests.service.jobs.bench import DONE, Bench, a_job

Opened = Callable[..., AbstractAsyncContextManager[Bench]]


def test_a_submitted_job_can_be_read(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job(metadata={"a": "b"}, seed=7)
            submitted = await bench.api.submit(job)
            assert submitted == Submitted(job.id, replayed=False)
            record = await bench.api.get(job.id)
            assert submitted.created_at is not None
            assert job.accepted(submitted.created_at) == record
            assert (record.status, record.tenant, record.request) == ("queued", "ann", job.request)
            assert (record.attempt, record.started_at, record.error, record.priority) == (0, None, None, "interactive")
            assert await bench.worker.get(job.id) == record

    asyncio.run(scene())


def test_an_unknown_job_is_unknown_everywhere(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            for call in (bench.api.get, bench.api.position, bench.api.cancel, bench.api.delete):
                with pytest.raises(UnknownJob):
                    await call("st_none")
            with pytest.raises(UnknownJob):
                await anext(aiter(bench.api.events("st_none")))

    asyncio.run(scene())


def test_exactly_as_many_jobs_are_accepted_as_may_wait(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_outstanding=100) as bench:
            answers = await asyncio.gather(
                *(bench.api.submit(a_job(f"tenant{i % 7}", cost_s=30.0)) for i in range(400)), return_exceptions=True
            )
            refused = [answer for answer in answers if isinstance(answer, QueueFull)]
            assert sum(isinstance(answer, Submitted) for answer in answers) == 100
            assert len(refused) == 300
            assert all(answer.scope == "the service" and answer.retry_after_s == 30.0 for answer in refused)

    asyncio.run(scene())


def test_a_job_may_bring_a_bound_of_its_own(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_outstanding_per_tenant=9) as bench:
            await bench.api.submit(replace(a_job("ann"), max_outstanding=1))
            with pytest.raises(QueueFull, match="this API key"):
                await bench.api.submit(replace(a_job("ann"), max_outstanding=1))
            await bench.api.submit(a_job("ann"))

    asyncio.run(scene())


def test_one_tenant_cannot_take_the_places_of_others(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_outstanding_per_tenant=2) as bench:
            for _ in range(2):
                await bench.api.submit(a_job("ann"))
            with pytest.raises(QueueFull, match="this API key"):
                await bench.api.submit(a_job("ann"))
            await bench.api.submit(a_job("ben"))
            await bench.worker.complete(await bench.claim_one(), DONE)
            await bench.api.submit(a_job("ann"))

    asyncio.run(scene())


def test_the_same_key_and_body_give_the_same_job(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            once = Once("POST /v1/soundtracks k", "sha")
            first = await bench.api.submit(a_job(), once)
            assert await bench.api.submit(a_job(), once) == Submitted(first.job_id, replayed=True)
            with pytest.raises(KeyReused):
                await bench.api.submit(a_job(), Once(once.key, "other"))
            assert not (await bench.api.submit(a_job("ben"), once)).replayed
            assert (await bench.api.stats()).queued == 2

    asyncio.run(scene())


def test_a_hundred_equal_submissions_at_once_are_one_job(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            answers = await asyncio.gather(
                *(bench.api.submit(a_job(), Once("k", "sha")) for _ in range(100)), return_exceptions=True
            )
            ids = {answer.job_id for answer in answers if isinstance(answer, Submitted)}
            others = [answer for answer in answers if not isinstance(answer, Submitted)]
            assert len(ids) == 1
            assert all(isinstance(answer, KeyInFlight) for answer in others)
            assert len(await bench.claim("w1", most=100)) == 1

    asyncio.run(scene())


def test_a_key_outlives_the_end_of_its_job_and_a_full_queue(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_outstanding=1) as bench:
            first = await bench.api.submit(a_job(), Once("k", "sha"))
            await bench.worker.complete(await bench.claim_one(), DONE)
            await bench.api.submit(a_job())
            assert (await bench.api.submit(a_job(), Once("k", "sha"))).job_id == first.job_id

    asyncio.run(scene())


def test_pages_are_newest_first_and_complete(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            ids = [(await bench.api.submit(a_job())).job_id for _ in range(5)]
            await bench.api.submit(a_job("ben"))
            seen, cursor = [], None
            while True:
                page = await bench.api.page("ann", status=None, cursor=cursor, limit=2)
                seen += [job.id for job in page.jobs]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert seen == ids[::-1]
            with pytest.raises(BadInput):
                await bench.api.page("ann", status=None, cursor="!!", limit=2)

    asyncio.run(scene())


def test_a_page_of_one_status_has_no_others(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            ids = [(await bench.api.submit(a_job())).job_id for _ in range(4)]
            await bench.api.cancel(ids[1])
            gone = await bench.api.page("ann", status="cancelled", cursor=None, limit=1)
            waiting = await bench.api.page("ann", status="queued", cursor=None, limit=3)
            assert ([job.id for job in gone.jobs], gone.next_cursor) == ([ids[1]], None)
            assert [job.id for job in waiting.jobs] == [ids[3], ids[2], ids[0]]

    asyncio.run(scene())


def test_the_position_counts_who_is_ahead(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            slow = a_job(priority="batch")
            jobs = [slow, a_job(), a_job(bucket="other")]
            for job in jobs:
                await bench.api.submit(job)
            assert await bench.api.position(slow.id) == 2
            assert await bench.api.position(jobs[1].id) == 0
            claim = await bench.claim_one()
            assert await bench.api.position(claim.job.id) is None
            assert await bench.api.position(slow.id) == 1

    asyncio.run(scene())


def test_the_stats_add_up(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            for cost_s in (1.5, 2.0, 4.0):
                await bench.api.submit(a_job(cost_s=cost_s))
            claim = await bench.claim_one()
            stats = await bench.api.stats()
            assert (stats.queued, stats.running, stats.outstanding_s, stats.workers) == (2, 1, 7.5, 1)
            assert stats.oldest_queued_s >= 0
            await bench.worker.complete(claim, DONE)
            await bench.api.cancel((await bench.api.page("ann", status="queued", cursor=None, limit=1)).jobs[0].id)
            stats = await bench.api.stats()
            assert (stats.queued, stats.running, stats.outstanding_s) == (1, 0, 2.0)

    asyncio.run(scene())


def test_a_queued_job_is_cancelled_at_once(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            record = await bench.api.cancel(job.id)
            assert record.status == "cancelled"
            assert record.cancel_requested_at is not None
            assert record.completed_at is not None
            assert await bench.worker.claim("w1", most=1, wait_s=0) == ()
            with pytest.raises(JobOver):
                await bench.api.cancel(job.id)

    asyncio.run(scene())


def test_only_a_job_that_is_over_can_be_deleted(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            with pytest.raises(JobLive):
                await bench.api.delete(job.id)
            claim = await bench.claim_one()
            with pytest.raises(JobLive):
                await bench.api.delete(job.id)
            await bench.worker.complete(claim, DONE)
            await bench.api.delete(job.id)
            with pytest.raises(UnknownJob):
                await bench.api.get(job.id)
            assert (await bench.api.page("ann", status=None, cursor=None, limit=9)).jobs == ()

    asyncio.run(scene())


def test_a_finished_job_is_forgotten_after_its_time(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(job_ttl_s=0.05) as bench:
            job = a_job()
            await bench.api.submit(job)
            record = await bench.api.cancel(job.id)
            assert record.expires_at is not None

            async def gone() -> bool:
                try:
                    await bench.api.get(job.id)
                except UnknownJob:
                    return True
                return False

            await bench.tend_until(gone)
            assert (await bench.api.page("ann", status=None, cursor=None, limit=9)).jobs == ()

    asyncio.run(scene())
