"""A child is ended whole, at whatever moment; none is left without a supervisor."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from service.worker.process import Bench, Child

QUICK = "tests.service.worker.engines:QuickEngine"
TURNS = 14  # of the loop; a start takes about nine
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def children() -> set[int]:
    """Processes that this one has started and that have not ended."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(stat.parent.name))
    return found


def handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def bench() -> Bench:
    return Bench(lambda: Child.spawn(QUICK))


@LINUX
def test_a_bench_closed_while_a_child_is_on_its_way_leaves_neither_process_nor_pipe() -> None:
    async def story() -> None:
        before, opened = children(), handles()
        for turns in range(TURNS):
            closing = bench()
            assert closing.child() is None
            for _ in range(turns):
                await asyncio.sleep(0)
            await closing.close()
            assert (turns, children() - before) == (turns, set())
        await asyncio.sleep(0)  # transports close in the next turn
        assert handles() == opened

    asyncio.run(story())


@LINUX
def test_a_killed_child_has_ended_and_says_nothing_more() -> None:
    async def story() -> None:
        before = children()
        child = await Child.spawn(QUICK)
        await child.warm()
        assert children() - before == {child.pid}
        await child.kill()
        assert (child.is_gone, children() - before) == (True, set())
        assert await child.receive(1e9) is None

    asyncio.run(story())
