"""A crew: work that is shared out to processes and comes back in order; a single worker works in this process."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

WAITING = 2  # results for each worker that may wait to be taken
K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Crew(Generic[K]):
    """`workers` processes, each of which once prepares what it works with; `prepare` must be possible to pickle."""

    prepare: Callable[[], K]
    workers: int = 1

    def map(self, work: Callable[[K, T], R], tasks: Iterable[T]) -> Iterator[R]:
        """`work(kit, task)` for each task, in their order; those behind one that is no longer wanted are dropped."""
        if self.workers == 1:
            kit = self.prepare()
            yield from (work(kit, task) for task in tasks)
            return
        context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads half-way
        pool = ProcessPoolExecutor(self.workers, context, initializer=_begin, initargs=(self.prepare,))
        begun: deque[Future[R]] = deque()
        try:
            for task in tasks:
                begun.append(pool.submit(_do, work, task))
                if len(begun) > WAITING * self.workers:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many workers this machine keeps busy."""
    return len(os.sched_getaffinity(0))


_kit: list[Any] = []  # of this process, if it is a worker


def _begin(prepare: Callable[[], Any]) -> None:
    import torch

    torch.set_num_threads(1)
    _kit[:] = [prepare()]


def _do(work: Callable[[Any, T], R], task: T) -> R:
    return work(_kit[0], task)
