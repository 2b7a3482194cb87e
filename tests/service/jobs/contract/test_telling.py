"""What those who tell others of a job's end rely on."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.service.jobs.bench import BROKEN, DONE, Bench, a_job

Opened = Callable[..., AbstractAsyncContextManager[Bench]]


def test_every_end_is_named_until_it_was_told(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            made, broken, unwanted = a_job(), a_job(), a_job()
            for job in (made, broken, unwanted):
                await bench.api.submit(job)
            await bench.api.cancel(unwanted.id)
            await bench.worker.complete(await bench.claim_one(), DONE)
            await bench.worker.fail(await bench.claim_one(), BROKEN, retry=False)

            named = await bench.api.ended(most=9)
            assert [(job.id, job.status) for job in named] == [
                (unwanted.id, "cancelled"),
                (made.id, "succeeded"),
                (broken.id, "failed"),
            ]
            assert [job.id for job in await bench.api.ended(most=1)] == [unwanted.id]

            await bench.api.told([unwanted.id, made.id])
            assert [job.id for job in await bench.api.ended(most=9)] == [broken.id]

    asyncio.run(scene())


def test_neither_live_nor_deleted_jobs_are_named(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            waiting, gone = a_job(), a_job()
            for job in (waiting, gone):
                await bench.api.submit(job)
            await bench.api.cancel(gone.id)
            await bench.api.delete(gone.id)

            assert await bench.api.ended(most=9) == ()

    asyncio.run(scene())
