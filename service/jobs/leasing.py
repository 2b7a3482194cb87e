"""The side of the Redis queue for those who make music."""

import asyncio
import random
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from redis.exceptions import RedisError, ResponseError

from schemas.problem import Problem
from schemas.soundtrack import JobStatus
from service.jobs.board import Board
from service.jobs.engine import Taken
from service.jobs.errors import LostClaim, QueueUnavailable
from service.jobs.keys import WORK
from service.jobs.link import is_wrong_type, reaching
from service.jobs.pace import Pace, Step
from service.jobs.port import Claim, JobResult, Renewal, Tended
from service.jobs.records import (
    CorruptRecord,
    corrupt_problem,
    crashed_problem,
    ending_json,
    record_of,
    result_json,
)
from service.jobs.tending import Tender


class BullLeases:
    """`port.JobLeases` over Redis and BullMQ. `chance` gives 0..1 for the jitter of waits."""

    def __init__(self, board: Board, *, chance: Callable[[], float] = random.random) -> None:
        self._board, self._chance = board, chance
        self._pace = Pace(board.config.progress_s, time.monotonic)
        self._tender = Tender(board)
        self._workers: set[str] = set()

    async def claim(self, worker: str, *, most: int, wait_s: float) -> tuple[Claim, ...]:
        """See `JobLeases.claim`. A cancelled call gives back what it had just claimed."""
        ends_at = time.monotonic() + wait_s
        self._workers.add(worker)
        with self._board.wakes.on(WORK) as bell:
            while True:
                attempt = asyncio.ensure_future(self._claim_now(worker, most))
                try:
                    claims, pause_s = await asyncio.shield(attempt)
                except asyncio.CancelledError:
                    with suppress(QueueUnavailable):  # then the leases end by themselves
                        await self.release((await attempt)[0])
                    raise
                left_s = ends_at - time.monotonic()
                if claims or left_s <= 0:
                    return claims
                await bell.wait(min(left_s, pause_s))

    async def _claim_now(self, worker: str, most: int) -> tuple[tuple[Claim, ...], float]:
        """Claims, and how long to wait for the next look when there are none."""
        board = self._board
        with reaching():
            await board.scripts.wanted(worker, ())  # a heartbeat
            heads = await board.scripts.heads()
            now_ms = await board.now_us() // 1000
        due = [head.due_ms for head in heads if head.due_ms is not None]
        ready = [head for head in heads if head.rank is not None or (head.due_ms or now_ms + 1) <= now_ms]
        for head in sorted(ready, key=lambda head: head.rank or (0, 0)):
            claims = await self._claim_from(head.bucket, worker, most)
            if claims:
                return claims, 0.0
        wait_s = min([self._board.config.poll_s, *((ms - now_ms + 1) / 1000 for ms in due)])
        return (), max(wait_s, 0.005)

    async def _claim_from(self, bucket: str, worker: str, most: int) -> tuple[Claim, ...]:
        claims: list[Claim] = []
        try:
            with reaching():
                while len(claims) < most:
                    token = f"{worker}:{uuid.uuid4().hex}"
                    taken = await self._take(bucket, token)
                    if taken is None:
                        break
                    claim = await self._start(taken, bucket, token)
                    if claim is None:
                        continue
                    if claim.attempt > 1 and claims:
                        await self.release([claim])
                        break
                    claims.append(claim)
                    if claim.attempt > 1:
                        break
        except Exception:
            if not claims:  # otherwise those are worth more than the error, which will come again
                raise
        return tuple(claims)

    async def _take(self, bucket: str, token: str) -> Taken | None:
        board = self._board
        while True:
            try:
                return await board.engine.take(bucket, token, now_ms=await board.now_us() // 1000)
            except ResponseError as exc:  # BullMQ stumbles over an entry that is no hash, with the entry half taken
                if not is_wrong_type(exc):
                    raise
                swept = await board.scripts.sweep(bucket)
                for id_ in swept:
                    await board.bury(id_, "BullMQ's entry is not a job", bucket=bucket)
                if not swept:
                    raise

    async def _start(self, taken: Taken, bucket: str, token: str) -> Claim | None:
        """A claim, or None for an entry that is not to be made: then it is ended here, in BullMQ and in the record."""
        if taken.doomed:
            await self._end_at_start(taken.id, bucket, token, problem=crashed_problem(self._board.config.max_runs))
            return None
        started = await self._board.scripts.start(taken.id, bucket, token)
        problem: Problem | None = None
        if started.verdict == "started":
            try:
                return Claim(record_of(started.fields), token)
            except CorruptRecord as exc:
                problem = corrupt_problem(str(exc))
        elif started.verdict == "corrupt":
            problem = corrupt_problem("the record is none of this version")
        elif started.verdict == "crashed":
            problem = crashed_problem(self._board.config.max_runs)
        if started.verdict != "lost":  # without a problem: cancelled meanwhile, over, or no job of ours
            await self._end_at_start(taken.id, bucket, token, problem=problem)
        return None

    async def _end_at_start(self, id_: str, bucket: str, token: str, *, problem: Problem | None) -> None:
        status: JobStatus = "failed" if problem else "cancelled"
        try:
            await self._board.engine.fail(bucket, id_, token, reason=ending_json(status, problem))
        except LostClaim:
            return
        await self._board.scripts.finish(id_, status, problem=problem.model_dump_json() if problem else "")

    async def renew(self, worker: str, claims: Collection[Claim]) -> Renewal:
        """See `JobLeases.renew`."""
        self._workers.add(worker)
        by_bucket: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            by_bucket[claim.job.bucket].append(claim)
        lost: set[str] = set()
        with reaching():
            for bucket, held in by_bucket.items():
                ids, tokens = [claim.job.id for claim in held], [claim.token for claim in held]
                lost |= await self._board.engine.extend(bucket, ids, tokens)
            wanted = await self._board.scripts.wanted(worker, [claim.job.id for claim in claims])
            for step in self._pace.due():
                await self._write(step)
        return Renewal(frozenset(lost), frozenset(wanted - lost))

    async def progress(self, claim: Claim, stage: str, fraction: float) -> None:
        """See `JobLeases.progress`."""
        step = Step(claim, stage, min(1.0, max(0.0, fraction)))
        if self._pace.offer(step):
            with reaching():
                await self._write(step)

    async def _write(self, step: Step) -> None:
        job = step.claim.job
        await self._board.scripts.progress(
            job.id, job.bucket, step.claim.token, stage=step.stage, fraction=step.fraction
        )

    async def complete(self, claim: Claim, result: JobResult) -> None:
        """See `JobLeases.complete`: BullMQ's fence decides, then the record is written, once."""
        kept, job = result_json(result), claim.job
        self._pace.forget(claim)
        with reaching():
            await self._board.engine.complete(job.bucket, job.id, claim.token, value=kept)
            await self._board.scripts.finish(job.id, "succeeded", result=kept)

    async def fail(self, claim: Claim, problem: Problem, *, retry: bool) -> None:
        """See `JobLeases.fail`."""
        self._pace.forget(claim)
        if not retry or claim.attempt >= self._board.config.attempts:
            await self._end(claim, "failed", problem)
            return
        wait_s = self._board.config.backoff_s * 2 ** (claim.attempt - 1) * (0.5 + self._chance())
        with reaching():
            await self._board.engine.delay(
                claim.job.bucket,
                claim.job.id,
                claim.token,
                delay_ms=round(wait_s * 1000),
                now_ms=await self._board.now_us() // 1000,
            )
            await self._board.scripts.requeue(claim.job.id)

    async def cancelled(self, claim: Claim) -> None:
        """See `JobLeases.cancelled`."""
        self._pace.forget(claim)
        await self._end(claim, "cancelled", None)

    async def _end(self, claim: Claim, status: JobStatus, problem: Problem | None) -> None:
        job = claim.job
        with reaching():
            await self._board.engine.fail(job.bucket, job.id, claim.token, reason=ending_json(status, problem))
            await self._board.scripts.finish(job.id, status, problem=problem.model_dump_json() if problem else "")

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `JobLeases.release`."""
        for claim in claims:
            self._pace.forget(claim)
            with reaching():
                try:
                    await self._board.engine.release(claim.job.bucket, claim.job.id, claim.token)
                except LostClaim:
                    continue
                await self._board.scripts.requeue(claim.job.id, refund=True)

    async def tend(self) -> Tended:
        """See `JobLeases.tend`."""
        with reaching():
            return await self._tender.round()

    async def leave(self) -> None:
        """Say that the workers of this process are gone; they would be forgotten after `lock_s` anyway."""
        if self._workers:
            try:
                await self._board.redis.zrem(self._board.keys.of("workers"), *self._workers)
            except (RedisError, OSError):
                return
