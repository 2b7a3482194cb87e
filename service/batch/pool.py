"""Local worker processes, each with one warm model; a task that brings its process down costs nobody else anything."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from generators.errors import BadWeights
from service.errors import ServiceError
from service.worker import wire
from service.worker.problem import crashed, silent, timed_out
from service.worker.process import Child
from service.worker.task import Outcome, Task

LISTEN_S = 3_600.0
WARM_TRIES = 3


class Sink(Protocol):
    """Who is told what becomes of tasks."""

    def begun(self, job_id: str) -> None:
        """Work on it begins; a second time when it is tried again."""

    def said(self, job_id: str, stage: str, fraction: float) -> None:
        """How far it is."""

    def ended(self, outcome: Outcome) -> None:
        """It has come to an end, once for each task."""


class Pool:
    """Makes tasks in processes of this machine."""

    def __init__(
        self, spawn: Callable[[], Awaitable[Child]], *, workers: int = 1, timeout_s: float | None = None
    ) -> None:
        self._spawn, self._workers, self._timeout_s = spawn, workers, timeout_s
        self._suspects: list[Task] = []

    async def run(self, tasks: Iterator[Task], sink: Sink) -> None:
        """Make all tasks.

        A task whose process dies, or that fails in a way that may pass, is made again when all others are over and
        nothing runs beside it; what it comes to then is its end.

        Raises:
            BadWeights: when the bundle is not usable.
            ServiceError: when no process can be made warm.
        """
        self._suspects = []
        workers = [asyncio.create_task(self._work(tasks, sink)) for _ in range(self._workers)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        await self._work(iter(self._suspects), sink, is_last_try=True)

    async def _work(self, tasks: Iterator[Task], sink: Sink, *, is_last_try: bool = False) -> None:
        child: Child | None = None
        try:
            for task in tasks:
                if child is None or child.is_gone:
                    child = await self._replace(child)
                sink.begun(task.job_id)
                outcome = await self._make(child, task, sink)
                if outcome.retry and not is_last_try:
                    self._suspects.append(task)
                else:
                    sink.ended(outcome)
        finally:
            if child is not None:
                await asyncio.shield(child.kill())

    async def _make(self, child: Child, task: Task, sink: Sink) -> Outcome:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self._timeout_s or float("inf"))
        outcome = Outcome(task.job_id, problem=silent(), retry=True)
        await child.send(wire.Work((task,)))
        while True:
            message = await child.receive(max(min(deadline - loop.time(), LISTEN_S), 0.0))
            if isinstance(message, wire.Said):
                sink.said(message.job_id, message.stage, message.fraction)
            elif isinstance(message, wire.Ended):
                outcome = message.outcome
            elif isinstance(message, wire.Idle):
                return outcome
            elif message is None and child.is_gone:
                return outcome if outcome.problem is None else Outcome(task.job_id, problem=crashed(), retry=True)
            elif message is None and self._timeout_s is not None and loop.time() >= deadline:
                await child.kill()
                return Outcome(task.job_id, problem=timed_out(self._timeout_s))

    async def _replace(self, child: Child | None) -> Child:
        if child is not None:
            await child.kill()
        for tried in range(1, WARM_TRIES + 1):
            child = await self._spawn()
            try:
                await child.warm()
            except BaseException as exc:
                await asyncio.shield(child.kill())
                if isinstance(exc, BadWeights) or not isinstance(exc, ServiceError) or tried == WARM_TRIES:
                    raise
            else:
                return child
        raise AssertionError  # the last try returns or raises
