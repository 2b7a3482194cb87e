"""What those who follow a job rely on: every event once, in order, to the end."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing

from service.jobs.port import JobEvent
from tests.service.jobs.bench import DONE, Bench, a_job, all_events

Opened = Callable[..., AbstractAsyncContextManager[Bench]]


def test_the_story_of_a_job_is_told_from_the_beginning(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            claim = await bench.claim_one()
            await bench.worker.progress(claim, "compose", 0.5)
            await bench.worker.complete(claim, DONE)
            told = [(event.name, json.loads(event.data)) for event in await all_events(bench.api, job.id)]
            assert told == [
                ("status", {"status": "queued", "attempt": 0}),
                ("status", {"status": "running", "attempt": 1}),
                ("progress", {"stage": "compose", "progress": 0.5}),
                ("done", {"status": "succeeded"}),
            ]

    asyncio.run(scene())


def test_a_follower_who_drops_out_again_and_again_misses_nothing(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job, seen = a_job(), list[JobEvent]()
            await bench.api.submit(job)

            async def follow() -> None:
                while not seen or seen[-1].name != "done":
                    after = seen[-1].id if seen else "0"
                    async with aclosing(bench.api.events(job.id, after=after)) as events:  # type: ignore[type-var]
                        async for event in events:
                            if event is not None:
                                seen.append(event)
                                break

            follower = asyncio.ensure_future(follow())
            claim = await bench.claim_one()
            for i in range(20):
                await bench.worker.progress(claim, "render", i / 20)
            await bench.worker.complete(claim, DONE)
            await asyncio.wait_for(follower, 10)
            assert [event.id for event in seen] == [event.id for event in await all_events(bench.api, job.id)]
            assert len(seen) == 23

    asyncio.run(scene())


def test_an_idle_follower_is_told_that_nothing_happens_and_then_what_does(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            events = aiter(bench.api.events(job.id))
            first = await anext(events)
            assert first is not None
            assert first.name == "status"
            assert await asyncio.wait_for(anext(events), 10) is None
            await bench.api.cancel(job.id)
            news = [event async for event in events if event is not None]
            assert [event.name for event in news] == ["done"]

    asyncio.run(scene())


def test_nothing_comes_after_the_end(opened: Opened) -> None:
    async def scene() -> None:
        async with opened() as bench:
            job = a_job()
            await bench.api.submit(job)
            await bench.api.cancel(job.id)
            story = await all_events(bench.api, job.id)
            assert await all_events(bench.api, job.id, after=story[-1].id) == []
            assert await all_events(bench.api, job.id, after="no event") == story

    asyncio.run(scene())
