"""Every step that a crash may cut in half is finished by tending, and nothing happens twice."""

import asyncio
from typing import Any

import pytest

from schemas.problem import TYPE
from service.jobs.bull import BullQueue
from service.jobs.errors import KeyInFlight
from service.jobs.port import Once
from service.jobs.records import CORRUPT, ending_json, result_json
from tests.service.jobs.bench import BROKEN, DONE, Bench, a_job, all_events, on_redis


def run(url: str, scene: Any, **changes: Any) -> None:
    async def act() -> None:
        async with on_redis(url, **changes) as bench:
            assert isinstance(bench.api, BullQueue)
            await scene(bench, bench.api)

    asyncio.run(act())


def test_an_admitted_job_that_never_reached_bullmq_is_added(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job(priority="batch")
        await queue._board.scripts.admit(job, None)
        assert await bench.worker.claim("w1", most=1, wait_s=0) == ()

        async def added() -> bool:
            return bool(await queue._board.redis.exists(queue._board.keys.of("gen-score", job.id)))

        await bench.tend_until(added)
        assert (await bench.claim_one()).job.id == job.id

    run(redis_url, scene, accept_s=0.0)


def test_a_key_is_in_flight_only_as_long_as_its_job_may_be_being_accepted(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        first, once = a_job(), Once("k", "sha")
        await queue._board.scripts.admit(first, once)
        with pytest.raises(KeyInFlight):
            await bench.api.submit(a_job(), once)

    async def later(bench: Bench, queue: BullQueue) -> None:
        first, once = a_job(), Once("k", "sha")
        await queue._board.scripts.admit(first, once)
        again = await bench.api.submit(a_job(), once)
        assert (again.job_id, again.replayed) == (first.id, True)
        assert (await bench.claim_one()).job.id == first.id
        assert (await bench.api.submit(a_job(), once)).replayed

    run(redis_url, scene)
    run(redis_url, later, accept_s=0.0)


def test_a_completion_that_bullmq_took_is_published(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        claim = await bench.claim_one()
        await queue._board.engine.complete("score", job.id, claim.token, value=result_json(DONE))
        await bench.tend_until_status(job.id, "succeeded")
        assert (await bench.api.get(job.id)).warnings == ("made",)
        assert [event.name for event in await all_events(queue, job.id)].count("done") == 1

    run(redis_url, scene)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_an_ending_that_bullmq_took_is_written(redis_url: str, status: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        claim = await bench.claim_one()
        reason = ending_json(status, BROKEN if status == "failed" else None)
        await queue._board.engine.fail("score", job.id, claim.token, reason=reason)
        await bench.tend_until_status(job.id, status)
        assert (await bench.api.get(job.id)).error == (BROKEN if status == "failed" else None)

    run(redis_url, scene)


def test_a_result_that_is_not_whole_ends_the_job_as_corrupt(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        claim = await bench.claim_one()
        await queue._board.engine.complete("score", job.id, claim.token, value='{"outputs": 3}')
        await bench.tend_until_status(job.id, "failed")
        error = (await bench.api.get(job.id)).error
        assert error is not None
        assert (error.code, error.type) == (CORRUPT, TYPE + CORRUPT)

    run(redis_url, scene)


@pytest.mark.parametrize("step", ["delay", "release"])
def test_a_job_that_was_given_back_waits_again(redis_url: str, step: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        claim = await bench.claim_one()
        if step == "release":
            await queue._board.engine.release("score", job.id, claim.token)
        else:
            now_ms = await queue._board.now_us() // 1000
            await queue._board.engine.delay("score", job.id, claim.token, delay_ms=0, now_ms=now_ms)
        await bench.tend_until_status(job.id, "queued")
        assert (await bench.claim_one()).job.id == job.id

    run(redis_url, scene)


def test_a_cancellation_that_went_no_further_than_its_flag_is_carried_out(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        jobs = [a_job(), a_job(), a_job()]
        for job in jobs:
            await bench.api.submit(job)
            await queue._board.scripts.cancel(job.id)
        assert await queue._board.engine.remove("score", jobs[0].id)
        await bench.tend_until_status(jobs[0].id, "cancelled")
        await bench.tend_until_status(jobs[1].id, "cancelled")
        assert await bench.worker.claim("w1", most=3, wait_s=0) == ()
        assert (await bench.api.stats()).queued == 0

    run(redis_url, scene)


def test_a_claim_that_died_before_it_marked_the_job_running_is_not_the_end(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        taken = await queue._board.engine.take("score", "dead", now_ms=await queue._board.now_us() // 1000)
        assert taken is not None
        cancelled = await bench.api.cancel(job.id)  # in the midst of that claim: the flag waits
        assert cancelled.status == "queued"
        await queue._board.redis.delete(queue._board.keys.of("gen-score", job.id, "lock"))
        await bench.tend_until_status(job.id, "cancelled")

    run(redis_url, scene)


def test_a_job_that_bullmq_has_lost_waits_again(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        waiting, running = a_job(), a_job()
        await bench.api.submit(running)
        await bench.claim_one()
        await bench.api.submit(waiting)
        for job in (waiting, running):
            await queue._board.scripts.purge("score", job.id)

        async def both_wait() -> bool:
            return bool(await queue._board.redis.zcard(queue._board.keys.of("gen-score", "prioritized")) == 2)

        await bench.tend_until(both_wait)
        claims = [claim for _ in range(2) for claim in await bench.claim(most=2)]  # what was tried comes alone
        assert {claim.job.id for claim in claims} == {waiting.id, running.id}

    run(redis_url, scene)


def test_tending_by_many_at_once_does_no_harm(redis_url: str) -> None:
    async def scene(bench: Bench, queue: BullQueue) -> None:
        job = a_job()
        await bench.api.submit(job)
        claim = await bench.claim_one()
        await bench.lose(claim)
        for _ in range(5):
            await asyncio.gather(*(bench.worker.tend() for _ in range(8)))
        await bench.tend_until_status(job.id, "queued")
        again = await bench.claim_one()
        assert again.attempt == 2
        await bench.worker.complete(again, DONE)

    run(redis_url, scene)
