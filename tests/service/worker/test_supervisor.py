"""Jobs come to one end each, whatever happens to the child."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from generators.errors import BadWeights
from service.errors import ServiceError
from service.worker.naming import attempt_prefix, job_prefix
from service.worker.supervisor import work
from tests.service.worker.conftest import House, reach, steal, submit, until


async def published(house: House, job_id: str) -> list[str]:
    return sorted([stored.key async for stored in house.store.list(job_prefix(job_id))])


def test_a_job_is_made_and_its_files_are_published(house: House) -> None:
    async def story() -> None:
        async with house.worker() as worker, house.queue() as queue:
            job = await reach(queue, await submit(queue, "calm print", seed=7))
            assert (job.status, job.attempt, worker.labels) == ("succeeded", 1, ["quick 1"])
            (output,) = job.outputs
            key = attempt_prefix(job.id, 1) + output.name
            assert b"".join([piece async for piece in house.store.read(key)]) == b"music 7"
            assert (output.n_bytes, output.content_url) == (7, f"/v1/artifacts/{output.artifact_id}/content")
        assert list(house.scratch.iterdir()) == []

    asyncio.run(story())


def test_what_a_child_prints_is_a_log_line(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with house.worker(), house.queue() as queue:
            await reach(queue, await submit(queue, "print"))
            await until(lambda: "a line of the engine" in caplog.messages)

    with caplog.at_level("INFO"):
        asyncio.run(story())
    assert caplog.messages.count("a line of the engine") == 1


def test_bad_input_fails_once_and_says_nothing_of_this_machine(house: House) -> None:
    async def story() -> None:
        async with house.worker(), house.queue() as queue:
            job = await reach(queue, await submit(queue, "refuse"))
            assert job.error is not None
            assert (job.status, job.attempt, job.error.code) == ("failed", 1, "bad-input")
            assert job.error.detail == "x: is not music; give music"

    asyncio.run(story())


@pytest.mark.parametrize("how", ["crash", "raise"])
def test_a_job_that_kills_its_child_each_time_fails_after_three_runs(house: House, how: str) -> None:
    async def story() -> None:
        async with house.worker(), house.queue() as queue:
            job = await reach(queue, await submit(queue, how))
            assert job.error is not None
            assert (job.status, job.attempt, job.error.code) == ("failed", 3, "worker-crashed")
            assert house.runs() == [(job.id, 1)] * 3
            assert (await reach(queue, await submit(queue, "calm"))).status == "succeeded"

    asyncio.run(story())


def test_a_poisonous_job_takes_no_neighbour_down(house: House) -> None:
    async def story() -> None:
        async with house.queue() as queue:
            ids = [await submit(queue, words) for words in ("calm", "poison", "bright", "dark")]
            async with house.worker():
                jobs = [await reach(queue, id_) for id_ in ids]
            assert [j.status for j in jobs] == ["succeeded", "failed", "succeeded", "succeeded"]
            assert [jobs[1].attempt, jobs[0].attempt] == [3, 1]
            assert [jobs[2].attempt, jobs[3].attempt] == [2, 2]
            assert all(together == 1 for _, together in house.runs()[2:])

    asyncio.run(story())


def test_a_forgotten_job_and_one_that_names_a_strange_file_fail(house: House) -> None:
    async def story() -> None:
        house.change(attempts=1)
        async with house.worker(), house.queue() as queue:
            jobs = [await reach(queue, await submit(queue, words)) for words in ("forget", "escape")]
            assert [j.error.code if j.error else None for j in jobs] == ["no-outcome", "unexpected"]
            assert await published(house, jobs[1].id) == []

    asyncio.run(story())


@pytest.mark.parametrize("how", ["slow", "deaf"])
def test_a_running_job_is_cancelled_whether_it_listens_or_not(house: House, how: str) -> None:
    async def story() -> None:
        async with house.worker(), house.queue() as queue:
            id_ = await submit(queue, how)
            await until_run(house, 1)
            await queue.cancel(id_)
            assert (await reach(queue, id_)).status == "cancelled"
            assert (await reach(queue, await submit(queue, "calm"))).status == "succeeded"
            assert await published(house, id_) == []

    asyncio.run(story())


def test_neighbours_of_a_deaf_cancelled_job_are_made_in_the_same_try(house: House) -> None:
    async def story() -> None:
        async with house.queue() as queue:
            deaf, calm = await submit(queue, "deaf"), await submit(queue, "calm")
            async with house.worker():
                await until_run(house, 1)
                await queue.cancel(deaf)
                assert (await reach(queue, deaf)).status == "cancelled"
                job = await reach(queue, calm)
            assert (job.status, job.attempt) == ("succeeded", 1)

    asyncio.run(story())


def test_a_job_that_takes_too_long_is_stopped_and_not_tried_again(house: House) -> None:
    async def story() -> None:
        house.change(job_timeout_s=0.5)
        async with house.worker(), house.queue() as queue:
            job = await reach(queue, await submit(queue, "deaf"))
            assert job.error is not None
            assert (job.status, job.error.code, job.attempt) == ("failed", "timed-out", 1)

    asyncio.run(story())


def test_a_child_that_holds_its_interpreter_beyond_the_lease_is_run_once(house: House) -> None:
    async def story() -> None:
        house.change(lock_s=1.0)
        async with house.worker(), house.queue() as queue:
            job = await reach(queue, await submit(queue, "hold"))
            assert (job.status, job.attempt, len(house.runs())) == ("succeeded", 1, 1)

    asyncio.run(story())


def test_a_running_job_may_finish_while_the_worker_drains_and_others_are_given_back(house: House) -> None:
    async def story() -> None:
        house.change(batch_jobs=1)
        async with house.worker() as worker, house.queue() as queue:
            ids = [await submit(queue, "hold"), await submit(queue, "calm")]
            await until_run(house, 1)
            await worker.stop()
            assert (await queue.get(ids[0])).status == "succeeded"
            left = await queue.get(ids[1])
            assert (left.status, left.attempt) == ("queued", 0)

    asyncio.run(story())


def test_a_job_that_outlasts_the_drain_is_given_back_untried(house: House) -> None:
    async def story() -> None:
        house.change(drain_s=0.3)
        async with house.worker() as worker, house.queue() as queue:
            id_ = await submit(queue, "deaf")
            await until_run(house, 1)
            await worker.stop()
            job = await queue.get(id_)
            assert (job.status, job.attempt) == ("queued", 0)

    asyncio.run(story())


def test_a_job_whose_lease_is_lost_is_dropped_at_once(house: House) -> None:
    async def story() -> None:
        async with house.worker(), house.queue() as queue:
            id_ = await submit(queue, "hold")
            await until_run(house, 1)
            await steal(house, id_)
            await until(lambda: not any(house.scratch.glob("*/st_*")))
            assert await published(house, id_) == []
            assert (await queue.get(id_)).status == "running"

    asyncio.run(story())


def test_sigterm_ends_a_worker(house: House) -> None:
    async def story() -> None:
        async with house.queue() as queue:
            ready: list[str] = []

            def end(label: str) -> None:
                ready.append(label)
                os.kill(os.getpid(), signal.SIGTERM)

            await work(house.ports(queue), house.settings, "tests.service.worker.engines:QuickEngine", ready=end)
            assert ready == ["quick 1"]

    asyncio.run(story())


def test_a_worker_without_usable_weights_says_so_and_is_never_ready(house: House) -> None:
    async def story() -> None:
        async with house.queue() as queue:
            id_ = await submit(queue, "calm")
            said: list[str] = []
            with pytest.raises(BadWeights, match="has changed since it was shipped"):
                await work(
                    house.ports(queue), house.settings, "tests.service.worker.engines:BrokenEngine", ready=said.append
                )
            assert (said, (await queue.get(id_)).status, (await queue.stats()).workers) == ([], "queued", 0)

    asyncio.run(story())


def test_an_engine_that_dies_while_it_loads_is_given_up(house: House) -> None:
    async def story() -> None:
        async with house.queue() as queue:
            with pytest.raises(ServiceError, match="died while it was loading"):
                await work(house.ports(queue), house.settings, "tests.service.worker.engines:DyingEngine", ready=print)

    asyncio.run(story())


def test_the_supervisor_needs_no_model_library() -> None:
    program = (
        "import sys, service.worker.supervisor, service.worker.composition, service.commands.worker\n"
        "heavy = {'torch', 'open_clip', 'transformers', 'decord', 'scipy', 'matplotlib', 'av', 'numpy'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


async def until_run(house: House, count: int) -> None:
    await until(lambda: len(house.runs()) >= count)
