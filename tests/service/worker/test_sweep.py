"""What nobody can ask for any more leaves the store, and nothing else does."""

import asyncio
import time
from pathlib import Path

import pytest

from schemas.soundtrack import SoundtrackRequest
from schemas.source import CaptionSource
from service.jobs.memory import MemoryQueue
from service.jobs.port import JobResult, NewJob
from service.records.memory import MemoryRecords
from service.settings import Settings
from service.store.objects import ObjectArtifacts
from service.worker.naming import attempt_prefix, upload_key
from service.worker.sweep import Sweep, Swept

HOUR_S = 3600.0


async def keys(store: ObjectArtifacts) -> list[str]:
    return sorted([s.key for prefix in ("uploads/", "jobs/") async for s in store.list(prefix)])


@pytest.mark.parametrize(
    ("hours", "swept"),
    [(1, Swept()), (25, Swept(uploads=1, artifacts=2)), (200, Swept(uploads=1, artifacts=2))],
)
def test_only_what_is_past_its_time_goes(tmp_path: Path, hours: int, swept: Swept) -> None:
    async def story() -> None:
        store, queue = ObjectArtifacts.memory(), MemoryQueue()
        (tmp_path / "x").write_bytes(b"x")
        request = SoundtrackRequest(sources=(CaptionSource(text="x"),))
        await queue.submit(NewJob("st_kept", "t", "soundtrack", request))
        (claim,) = await queue.claim("w", most=1, wait_s=0)
        await queue.complete(claim, JobResult())
        kept = attempt_prefix("st_kept", 1) + "a.wav"
        lost = attempt_prefix("st_kept", 0) + "a.wav", attempt_prefix("st_gone", 1) + "a.wav"
        for key in (upload_key("upl_a"), kept, *lost):
            await store.put(key, tmp_path / "x")
        sweep = Sweep(
            queue, store, MemoryRecords(), Settings.from_environment({}), clock=lambda: time.time() + hours * HOUR_S
        )
        assert await sweep.sweep() == swept
        left = [upload_key("upl_a"), kept, *lost] if hours == 1 else [kept]
        assert await keys(store) == sorted(left)

    asyncio.run(story())


def test_of_two_workers_one_sweeps() -> None:
    async def story() -> None:
        records = MemoryRecords()
        sweeps = [
            Sweep(MemoryQueue(), ObjectArtifacts.memory(), records, Settings.from_environment({})) for _ in range(2)
        ]
        assert [await s.sweep_in_turn() for s in sweeps] == [Swept(), None]

    asyncio.run(story())
