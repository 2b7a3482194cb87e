"""What those who make music rely on."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from service.jobs.errors import JobOver, LostClaim
from service.jobs.port import Claim, JobResult
from tests.service.jobs.bench import BROKEN, DONE, Bench, a_job, all_events

Opened = Callable[..., AbstractAsyncContextManager[Bench]]


def test_a_claim_marks_the_job_running(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            record = await bench.api.get(job.id)
            assert claim.job == record
            assert (record.status, record.attempt, claim.attempt) == ("running", 1, 1)
            assert record.started_at is not None

    asyncio.run(scene())


def test_the_urgent_come_first_and_the_others_in_order(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            jobs = [a_job(priority="batch"), a_job(priority="batch"), a_job(), a_job()]
            for job in jobs:
                await bench.api.submit(job)
            claims = await bench.claim(most=9)
            assert [claim.job.id for claim in claims] == [jobs[i].id for i in (2, 3, 0, 1)]

    asyncio.run(scene())


def test_one_claim_holds_jobs_of_one_bucket(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            for bucket in ("a", "b", "a", "b", "a"):
                await bench.api.submit(a_job(bucket=bucket))
            sizes = []
            for _ in range(3):
                claims = await bench.claim(most=2)
                assert len({claim.job.bucket for claim in claims}) == 1
                sizes.append(len(claims))
            assert sizes == [2, 2, 1]

    asyncio.run(scene())


def test_a_job_that_was_tried_before_comes_alone(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            tried, fresh = a_job(), [a_job() for _ in range(3)]
            await bench.api.submit(tried)
            await bench.worker.fail(await bench.claim_one(), BROKEN, retry=True)
            for job in fresh:
                await bench.api.submit(job)

            rounds: list[list[tuple[str, int]]] = []
            while sum(map(len, rounds)) < 4:
                rounds.append([(claim.job.id, claim.attempt) for claim in await bench.claim(most=9)])

            assert [(tried.id, 2)] in rounds
            assert {id_ for claimed in rounds for id_, attempt in claimed if attempt == 1} == {j.id for j in fresh}

    asyncio.run(scene())


def test_a_waiting_worker_is_woken(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(poll_s=60.0) as bench:
            waiting = asyncio.ensure_future(bench.claim())
            await asyncio.sleep(0.02)
            await bench.api.submit(a_job())
            assert len(await asyncio.wait_for(waiting, 10)) == 1
            assert await bench.worker.claim("w1", most=1, wait_s=0.01) == ()

    asyncio.run(scene())


def test_a_claimed_job_is_not_claimed_twice(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            for _ in range(30):
                await bench.api.submit(a_job())

            async def work(name: str) -> list[Claim]:
                claims: list[Claim] = []
                while batch := await bench.worker.claim(name, most=2, wait_s=0):
                    claims += batch
                return claims

            claimed = await asyncio.gather(*(work(f"w{i}") for i in range(4)))
            counts = Counter(claim.job.id for claims in claimed for claim in claims)
            assert len(counts) == 30
            assert set(counts.values()) == {1}

    asyncio.run(scene())


def test_a_cancelled_claim_call_keeps_nothing(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            waiting = asyncio.ensure_future(bench.claim())
            await bench.api.submit(a_job())
            waiting.cancel()
            results = await asyncio.gather(waiting, return_exceptions=True)
            claims = results[0] if isinstance(results[0], tuple) else await bench.claim()
            assert claims[0].attempt == 1

    asyncio.run(scene())


def test_completion_publishes_the_result_once(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            await bench.worker.complete(claim, DONE)
            record = await bench.api.get(job.id)
            assert (record.status, record.warnings, record.progress) == ("succeeded", ("made",), 1.0)
            assert record.completed_at is not None
            assert record.expires_at is not None
            for ending in (
                bench.worker.complete(claim, JobResult(warnings=("again",))),
                bench.worker.fail(claim, BROKEN, retry=True),
                bench.worker.cancelled(claim),
            ):
                with pytest.raises(LostClaim):
                    await ending
            with pytest.raises(JobOver):
                await bench.api.cancel(job.id)
            await bench.worker.progress(claim, "late", 0.1)
            await bench.worker.release([claim])
            await bench.worker.tend()
            assert await bench.api.get(job.id) == record

    asyncio.run(scene())


def test_progress_is_told_and_a_flood_of_it_is_not(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(progress_s=60.0) as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            for i in range(50):
                await bench.worker.progress(claim, "render", i / 50)
            record = await bench.api.get(job.id)
            assert (record.stage, record.progress) == ("render", 0.0)
            await bench.worker.complete(claim, DONE)
            names = [event.name for event in await all_events(bench.api, job.id)]
            assert names.count("progress") == 1

    asyncio.run(scene())


def test_a_failed_try_is_repeated_until_tries_run_out(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(attempts=3) as bench:
            job = a_job()
            await bench.api.submit(job)
            for attempt in (1, 2, 3):
                claim = await bench.claim_one()
                assert claim.attempt == attempt
                await bench.worker.fail(claim, BROKEN, retry=True)
            record = await bench.api.get(job.id)
            assert (record.status, record.error, record.attempt) == ("failed", BROKEN, 3)

    asyncio.run(scene())


def test_what_cannot_pass_is_not_tried_again(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            await bench.worker.fail(await bench.claim_one(), BROKEN, retry=False)
            assert (await bench.api.get(job.id)).error == BROKEN
            assert (await bench.api.stats()).outstanding_s == 0

    asyncio.run(scene())


def test_the_next_try_waits(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(backoff_s=3600.0) as bench:
            job = a_job()
            await bench.api.submit(job)
            await bench.worker.fail(await bench.claim_one(), BROKEN, retry=True)
            assert (await bench.api.get(job.id)).status == "queued"
            assert await bench.worker.claim("w1", most=1, wait_s=0) == ()
            assert (await bench.api.cancel(job.id)).status == "cancelled"

    asyncio.run(scene())


def test_a_short_wait_for_the_next_try_wakes_the_worker(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(backoff_s=0.05, poll_s=60.0) as bench:
            await bench.api.submit(a_job())
            await bench.worker.fail(await bench.claim_one(), BROKEN, retry=True)
            assert (await bench.claim_one()).attempt == 2

    asyncio.run(scene())


def test_a_released_job_is_next_and_was_not_tried(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            jobs = [a_job(), a_job()]
            for job in jobs:
                await bench.api.submit(job)
            claim = await bench.claim_one()
            await bench.worker.release([claim])
            record = await bench.api.get(jobs[0].id)
            assert (record.status, record.attempt) == ("queued", 0)
            again = await bench.claim_one("w2")
            assert (again.job.id, again.attempt) == (jobs[0].id, 1)
            await bench.worker.release([claim])
            assert (await bench.api.get(jobs[0].id)).status == "running"

    asyncio.run(scene())


def test_a_batch_job_that_has_waited_long_overtakes(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(ageing_s=0.001) as bench:
            old = a_job(priority="batch")
            await bench.api.submit(old)

            async def is_old() -> bool:
                return (await bench.api.stats()).oldest_queued_s > 0.02

            await bench.tend_until(is_old)
            await asyncio.sleep(0.002)
            await bench.worker.tend()
            await bench.api.submit(a_job())
            assert (await bench.claim_one()).job.id == old.id

    asyncio.run(scene())


def test_workers_count_while_they_are_heard_of(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            assert (await bench.api.stats()).workers == 0
            await bench.worker.claim("w1", most=1, wait_s=0)
            await bench.worker.renew("w2", [])
            assert (await bench.api.stats()).workers == 2
            await bench.api.ping()

    asyncio.run(scene())
