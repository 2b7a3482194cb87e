"""The small parts of the queue, and what only a clock of one's own can show."""

import asyncio

import pytest

from schemas.soundtrack import TERMINAL
from service.errors import BadInput
from service.jobs.composition import queue_of
from service.jobs.config import QueueConfig, aged_priority, retry_after
from service.jobs.errors import UnknownJob
from service.jobs.keys import Keys, bull_queue, once_hash
from service.jobs.memory import MemoryQueue
from service.jobs.pace import Pace, Step
from service.jobs.port import Claim, Once
from service.jobs.records import CorruptRecord, ending_json, ending_of, fields_of, record_of
from service.settings import Settings
from tests.service.jobs.bench import BROKEN, a_job


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_settings_give_the_numbers_of_the_queue() -> None:
    environment = {"TONEREEL_QUEUE_NAME": "x", "TONEREEL_LOCK_S": "7", "TONEREEL_MAX_OUTSTANDING_PER_KEY": "3"}
    config = QueueConfig.of(Settings.from_environment(environment))
    assert (config.name, config.lock_s, config.max_outstanding_per_tenant) == ("x", 7.0, 3)
    assert QueueConfig.of(Settings.from_environment({})) == QueueConfig()


def test_a_queue_needs_an_address() -> None:
    with pytest.raises(BadInput, match="TONEREEL_REDIS_URL"):
        queue_of(Settings.from_environment({}))
    with pytest.raises(BadInput, match="TONEREEL_REDIS_URL"):
        queue_of(Settings.from_environment({"REDIS_URL": "http://x"}))
    asyncio.run(queue_of(Settings.from_environment({"REDIS_URL": "redis://127.0.0.1:1/0"})).close())


def test_batch_jobs_age_step_by_step_and_never_overtake_a_newer_class() -> None:
    config = QueueConfig()
    levels = [aged_priority(s, config) for s in range(0, 10_000, 100)]
    assert (levels[0], aged_priority(300, config), levels[-1]) == (100, 90, 1)
    assert levels == sorted(levels, reverse=True)


def test_the_next_try_is_neither_at_once_nor_never() -> None:
    assert retry_after(0.0, 0, 0) == 1.0
    assert retry_after(3_000.0, 100, 3) == 10.0
    assert retry_after(1e9, 1, 1) == 120.0


def test_keys_share_a_slot_and_tenants_share_no_idempotency_key() -> None:
    assert Keys("q").of("job", "a") == "{q}:job:a"
    assert once_hash("a", "k") != once_hash("b", "k")
    assert once_hash("a", "bk") != once_hash("ab", "k")
    with pytest.raises(ValueError, match="bucket"):
        bull_queue("a:b")


def test_a_record_is_read_back_as_it_was_written() -> None:
    job = a_job(metadata={"k": "ü\u2028"}, cancel_after_s=3.5)
    record = record_of({**fields_of(job), "status": "queued", "attempt": "0", "created_at": "1700000000123456"})
    assert (record.id, record.request, record.created_at) == (job.id, job.request, 1700000000.123456)


def test_a_broken_record_is_refused_until_it_has_failed() -> None:
    fields = {**fields_of(a_job()), "status": "queued", "attempt": "0", "created_at": "x"}
    with pytest.raises(CorruptRecord, match="created_at"):
        record_of(fields)
    record = record_of({**fields, "status": "failed"})
    assert record.error is not None
    assert record.error.code == "corrupt-job"
    assert record.status in TERMINAL


def test_endings_are_read_back_and_other_reasons_are_dead_workers() -> None:
    assert ending_of(ending_json("cancelled", None)) == ("cancelled", "")
    assert ending_of(ending_json("failed", BROKEN)) == ("failed", BROKEN.model_dump_json())
    for other in ("job stalled more than allowable limit", "[]", "{}", ""):
        status, problem = ending_of(other)
        assert status == "failed"
        assert "worker-crashed" in problem


def test_the_last_step_of_a_flood_comes_when_its_time_is_there() -> None:
    clock = Clock()
    pace = Pace(0.5, clock)

    async def scene() -> Claim:
        queue = MemoryQueue(clock=clock)
        await queue.submit(a_job())
        return (await queue.claim("w", most=1, wait_s=0))[0]

    claim = asyncio.run(scene())
    passed = [pace.offer(Step(claim, "x", i / 100)) for i in range(100)]
    assert (passed[0], sum(passed), pace.due()) == (True, 1, ())
    clock.now += 0.5
    assert [step.fraction for step in pace.due()] == [0.99]
    assert pace.due() == ()
    pace.forget(claim)
    assert pace.offer(Step(claim, "x", 1.0))


def test_leases_records_and_keys_lapse_with_the_clock() -> None:
    async def scene() -> None:
        clock = Clock()
        queue = MemoryQueue(QueueConfig(), clock=clock)
        job = a_job()
        await queue.submit(job, Once("k", "sha"))
        (claim,) = await queue.claim("w", most=1, wait_s=0)
        clock.now += 29
        assert (await queue.renew("w", [claim])).lost == frozenset()
        clock.now += 29
        assert (await queue.tend()).requeued == ()
        clock.now += 2
        assert (await queue.renew("w", [claim])).lost == {job.id}
        assert (await queue.tend()).requeued == (job.id,)
        await queue.cancel(job.id)
        clock.now += QueueConfig().job_ttl_s
        with pytest.raises(UnknownJob):
            await queue.get(job.id)
        assert not (await queue.submit(a_job(), Once("k", "other"))).replayed

    asyncio.run(scene())
