"""What happens to jobs that lose their worker, are cancelled, or take too long."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from service.jobs.errors import LostClaim
from service.jobs.port import JobResult
from tests.service.jobs.bench import BROKEN, DONE, Bench, a_job, all_events

Opened = Callable[..., AbstractAsyncContextManager[Bench]]


def test_a_job_that_lost_its_worker_goes_to_the_next_and_the_first_is_refused(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            stale = await bench.claim_one("w1")
            assert (await bench.worker.renew("w1", [stale])).lost == frozenset()
            await bench.lose(stale)
            await bench.tend_until_status(job.id, "queued")
            fresh = await bench.claim_one("w2")
            assert fresh.attempt == 2
            assert (await bench.worker.renew("w1", [stale])).lost == {job.id}
            assert (await bench.worker.renew("w2", [fresh])).lost == frozenset()
            await bench.worker.progress(stale, "stale", 0.9)
            with pytest.raises(LostClaim):
                await bench.worker.complete(stale, JobResult(warnings=("stale",)))
            await bench.worker.complete(fresh, DONE)
            record = await bench.api.get(job.id)
            assert (record.warnings, record.status) == (("made",), "succeeded")

    asyncio.run(scene())


def test_a_job_that_kills_its_workers_fails_after_three(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_stalls=2) as bench:
            job, other = a_job(), a_job()
            await bench.api.submit(job)
            await bench.api.submit(other)
            for run in (1, 2, 3):
                claim = await bench.claim_one()
                assert (claim.job.id, claim.attempt) == (job.id, run)
                await bench.lose(claim)
                await bench.tend_until_status(job.id, "queued" if run < 3 else "failed")
            error = (await bench.api.get(job.id)).error
            assert error is not None
            assert error.code == "worker-crashed"
            assert (await bench.claim_one()).job.id == other.id

    asyncio.run(scene())


def test_failed_tries_and_dead_workers_count_together(opened: Opened) -> None:
    async def scene() -> None:
        async with opened(max_stalls=2, attempts=3) as bench:
            job = a_job()
            await bench.api.submit(job)
            for _ in range(2):
                await bench.worker.fail(await bench.claim_one(), BROKEN, retry=True)
            await bench.lose(await bench.claim_one())
            await bench.tend_until_status(job.id, "queued")
            assert await bench.worker.claim("w1", most=1, wait_s=0) == ()
            assert (await bench.api.get(job.id)).status == "failed"

    asyncio.run(scene())


def test_the_worker_of_a_running_job_hears_of_its_cancellation(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            assert (await bench.worker.renew("w1", [claim])).cancelled == frozenset()
            asked = await bench.api.cancel(job.id)
            assert (asked.status, asked.cancel_requested_at is None) == ("running", False)
            assert (await bench.api.cancel(job.id)).cancel_requested_at == asked.cancel_requested_at
            assert (await bench.worker.renew("w1", [claim])).cancelled == {job.id}
            await bench.worker.cancelled(claim)
            story = await all_events(bench.api, job.id)
            assert json.loads(story[-1].data) == {"status": "cancelled"}

    asyncio.run(scene())


def test_a_job_to_be_cancelled_is_not_given_to_another_worker(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            await bench.api.cancel(job.id)
            await bench.lose(claim)
            await bench.tend_until_status(job.id, "cancelled")
            assert await bench.worker.claim("w2", most=1, wait_s=0) == ()

    asyncio.run(scene())


def test_a_job_that_waits_past_its_limit_is_cancelled(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job(cancel_after_s=0.001)
            await bench.api.submit(job)
            await bench.tend_until_status(job.id, "cancelled")
            assert await bench.worker.claim("w1", most=1, wait_s=0) == ()
            assert (await bench.api.get(job.id)).attempt == 0

    asyncio.run(scene())


def test_a_job_that_runs_past_its_limit_is_to_be_cancelled(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job(cancel_after_s=0.7)
            await bench.api.submit(job)
            claim = await bench.claim_one()

            async def told() -> bool:
                return (await bench.worker.renew("w1", [claim])).cancelled == {job.id}

            await bench.tend_until(told)
            assert (await bench.api.get(job.id)).cancel_requested_at is not None

    asyncio.run(scene())
