"""Tending: what lost its worker, its deadline, or half of a step to a crash is found here and set right."""

import json
from collections.abc import Sequence

from service.jobs.board import Board
from service.jobs.config import aged_priority
from service.jobs.port import Tended
from service.jobs.records import crashed_problem, ending_of, result_is_whole
from service.jobs.scripts import Finding

AUDITED_AT_ONCE = 200


class Tender:
    """Rounds of tending; many at a time do no harm, since every step happens once or not at all."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._requeued: list[str] = []
        self._failed: list[str] = []
        self._expired: list[str] = []

    async def round(self) -> Tended:
        """One round; the audit of all outstanding jobs is left out when another has just done it."""
        self._requeued, self._failed, self._expired = [], [], []
        board = self._board
        for bucket in sorted(await board.redis.smembers(board.keys.of("buckets"))):
            await self._look_for_dead_workers(bucket)
        await self._keep_deadlines()
        interval_ms = max(1, int(board.config.stalled_check_s * 1000))
        if await board.redis.set(board.keys.of("tending"), "1", nx=True, px=interval_ms):
            await self._audit()
        return Tended(tuple(self._requeued), tuple(self._failed), tuple(self._expired))

    async def _look_for_dead_workers(self, bucket: str) -> None:
        board = self._board
        for id_ in await board.scripts.sweep(bucket):
            if await board.bury(id_, "BullMQ's entry is not a job", bucket=bucket):
                self._failed.append(id_)
        for id_ in await board.engine.stalled(bucket):
            if not await board.engine.is_doomed(bucket, id_):
                await self._requeue(id_)
            elif await board.engine.remove(bucket, id_):
                problem = crashed_problem(board.config.max_stalls + 1).model_dump_json()
                if await board.scripts.finish(id_, "failed", problem=problem):
                    self._failed.append(id_)

    async def _keep_deadlines(self) -> None:
        board = self._board
        now_us = await board.now_us()
        for id_ in await board.redis.zrangebyscore(board.keys.of("deadlines"), "-inf", now_us):
            status, bucket = await board.scripts.cancel(id_)
            if status == "queued" and await board.end_unclaimed(id_, bucket):
                self._expired.append(id_)
            else:  # a running one has its flag now, which `renew` tells its worker
                await board.redis.zrem(board.keys.of("deadlines"), id_)

    async def _audit(self) -> None:
        board = self._board
        oldest_worker = await board.now_us() - int(board.config.lock_s * 1e6)
        await board.redis.zremrangebyscore(board.keys.of("workers"), "-inf", f"({oldest_worker}")
        known: set[str] = set(await board.redis.hkeys(board.keys.of("live")))
        ordered: list[str] = []
        for name in ("running", "queued"):
            ordered += await board.redis.zrange(board.keys.of(name), 0, -1)
        ids = [*ordered, *sorted(known.difference(ordered))]
        for start in range(0, len(ids), AUDITED_AT_ONCE):
            await self._mend(await board.scripts.audit(ids[start : start + AUDITED_AT_ONCE]))

    async def _mend(self, findings: Sequence[Finding]) -> None:
        mends = {
            "add": self._add,
            "requeue": self._wait_again,
            "cancel": self._cancel,
            "age": self._age,
            "completed": self._finish_completed,
            "failed": self._finish_failed,
            "corrupt": self._bury,
            "stray": self._drop,
        }
        for finding in findings:
            await mends[finding.verdict](finding)

    async def _add(self, finding: Finding) -> None:
        await self._board.scripts.requeue(finding.id)  # if it ran: its entry in BullMQ is gone, and so is its lock
        if await self._board.enqueue_again(finding.id):
            self._requeued.append(finding.id)

    async def _wait_again(self, finding: Finding) -> None:
        await self._requeue(finding.id)

    async def _cancel(self, finding: Finding) -> None:
        if await self._board.end_unclaimed(finding.id, finding.bucket):
            self._expired.append(finding.id)

    async def _finish_failed(self, finding: Finding) -> None:
        status, problem = ending_of(finding.detail)
        if await self._board.scripts.finish(finding.id, status, problem=problem) and status == "failed":
            self._failed.append(finding.id)

    async def _bury(self, finding: Finding) -> None:
        why = "the record or its entry in BullMQ is not a job"
        if await self._board.bury(finding.id, why, bucket=finding.bucket):
            self._failed.append(finding.id)

    async def _drop(self, finding: Finding) -> None:
        await self._board.scripts.finish(finding.id, "failed")  # it is over: this only takes it out of the sets

    async def _requeue(self, id_: str) -> None:
        if await self._board.scripts.requeue(id_):
            self._requeued.append(id_)

    async def _age(self, finding: Finding) -> None:
        steps, config = int(finding.detail), self._board.config
        priority = aged_priority(steps * config.ageing_s, config)
        await self._board.engine.prioritise(finding.bucket, finding.id, priority)
        await self._board.scripts.aged(finding.id, steps)

    async def _finish_completed(self, finding: Finding) -> None:
        try:
            kept = json.loads(finding.detail)
        except ValueError:
            kept = None
        if isinstance(kept, str) and result_is_whole(kept):
            await self._board.scripts.finish(finding.id, "succeeded", result=kept)
        elif await self._board.bury(finding.id, "its result is not whole", bucket=finding.bucket):
            self._failed.append(finding.id)
