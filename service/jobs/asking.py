"""The side of the Redis queue for those who ask for music."""

import re
from collections.abc import AsyncIterator, Collection

from schemas.soundtrack import TERMINAL, JobStatus
from service.jobs.board import Board, unknown
from service.jobs.cursor import cursor_after, place_of
from service.jobs.errors import JobLive, JobOver, UnknownJob
from service.jobs.keys import bull_queue
from service.jobs.link import reaching
from service.jobs.port import EventName, JobEvent, JobRecord, NewJob, Once, Page, QueueStats, Submitted

EVENTS_AT_ONCE, JOBS_AT_ONCE = 100, 100
NO_JOB = -2
EVENT_ID = re.compile(r"\d{1,19}(-\d{1,19})?")


class BullAsking:
    """`port.JobQueue` over Redis and BullMQ."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def submit(self, job: NewJob, once: Once | None = None) -> Submitted:
        """See `JobQueue.submit`."""
        board = self._board
        bull_queue(job.bucket)
        with reaching():
            admitted = await board.scripts.admit(job, once)
            if admitted.replayed:
                if not admitted.finished:
                    await board.enqueue_again(admitted.id)
                return Submitted(admitted.id, replayed=True)
            now_ms = admitted.now_us // 1000
            await board.enqueue(job.id, bucket=job.bucket, priority=job.request.priority, now_ms=now_ms)
        return Submitted(job.id, replayed=False, created_at=admitted.now_us / 1e6)

    async def get(self, job_id: str) -> JobRecord:
        """See `JobQueue.get`."""
        with reaching():
            return await self._board.record(job_id)

    async def position(self, job_id: str) -> int | None:
        """See `JobQueue.position`."""
        with reaching():
            ahead = await self._board.scripts.position(job_id)
        if ahead == NO_JOB:
            raise unknown(job_id)
        return ahead if ahead >= 0 else None

    async def page(self, tenant: str, *, status: JobStatus | None, cursor: str | None, limit: int) -> Page:
        """See `JobQueue.page`; raises BadInput for a cursor that no page gave."""
        below = place_of(cursor) if cursor else None
        found: list[JobRecord] = []
        with reaching():
            while True:
                rows = await self._rows(tenant, below)
                for id_, score in await self._only(status, rows):
                    below = (score, id_)
                    job = await self._listed(tenant, id_)
                    if job is None:
                        continue
                    if len(found) == limit:
                        return Page(tuple(found), cursor_after(found[-1]))
                    found.append(job)
                if len(rows) < JOBS_AT_ONCE:
                    return Page(tuple(found), None)
                below = (rows[-1][1], rows[-1][0])

    async def _listed(self, tenant: str, job_id: str) -> JobRecord | None:
        try:
            return await self._board.record(job_id)
        except UnknownJob:  # its time was up: the list outlives the records
            await self._board.redis.zrem(self._board.keys.of("tenant", tenant, "jobs"), job_id)
            return None

    async def _only(self, status: JobStatus | None, rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
        if status is None or not rows:
            return rows
        async with self._board.redis.pipeline(transaction=False) as pipe:
            for id_, _ in rows:
                pipe.hget(self._board.keys.of("job", id_), "status")
            statuses = await pipe.execute(raise_on_error=False)
        return [row for row, its in zip(rows, statuses, strict=True) if its == status]

    async def _rows(self, tenant: str, below: tuple[int, str] | None) -> list[tuple[str, int]]:
        # Microseconds fall together so rarely that a page's worth of equal ones is read with each piece.
        top = "+inf" if below is None else str(below[0])
        raw = await self._board.redis.zrevrangebyscore(
            self._board.keys.of("tenant", tenant, "jobs"), top, "-inf", start=0, num=2 * JOBS_AT_ONCE, withscores=True
        )
        rows = [(id_, int(score)) for id_, score in raw]
        return [(id_, score) for id_, score in rows if below is None or (score, id_) < below][:JOBS_AT_ONCE]

    async def events(self, job_id: str, *, after: str = "0") -> AsyncIterator[JobEvent | None]:
        """See `JobQueue.events`; an `after` that is no event's id counts as "0"."""
        board, last = self._board, after if EVENT_ID.fullmatch(after) else "0"
        with board.wakes.on(job_id) as bell:
            with reaching():
                if not await board.redis.exists(board.keys.of("job", job_id)):
                    raise unknown(job_id)
            while True:
                with reaching():
                    status, news = await self._look(job_id, last)
                for last, fields in news:
                    yield JobEvent(last, _event_name(fields["name"]), fields["data"])
                    if fields["name"] == "done":
                        return
                if news:
                    continue
                if status is None or status in TERMINAL:
                    return
                if not await bell.wait(board.config.idle_s):
                    yield None

    async def _look(self, job_id: str, last: str) -> tuple[str | None, list[tuple[str, dict[str, str]]]]:
        record = self._board.keys.of("job", job_id)
        async with self._board.redis.pipeline(transaction=True) as pipe:
            pipe.hget(record, "status")
            pipe.xrange(f"{record}:events", f"({last}", "+", count=EVENTS_AT_ONCE)
            status, news = await pipe.execute()
        return status, news

    async def cancel(self, job_id: str) -> JobRecord:
        """See `JobQueue.cancel`."""
        board = self._board
        with reaching():
            status, bucket = await board.scripts.cancel(job_id)
            if status == "unknown":
                raise unknown(job_id)
            if status == "over":
                raise JobOver(f"{job_id} has ended, so it cannot be cancelled; delete it to forget it")
            if status == "queued":
                await board.end_unclaimed(job_id, bucket)
            return await board.record(job_id)

    async def delete(self, job_id: str) -> None:
        """See `JobQueue.delete`."""
        with reaching():
            state, bucket = await self._board.scripts.delete(job_id)
            if state == "unknown":
                raise unknown(job_id)
            if state == "live":
                raise JobLive(f"{job_id} has not ended; cancel it before you delete it")
            if bucket:
                await self._board.engine.remove(bucket, job_id)

    async def ended(self, *, most: int) -> tuple[JobRecord, ...]:
        """See `JobQueue.ended`."""
        found = []
        with reaching():
            for job_id in await self._board.redis.zrange(self._board.keys.of("ended"), 0, most - 1):
                try:
                    found.append(await self._board.record(job_id))
                except UnknownJob:  # deleted before anybody asked
                    await self.told([job_id])
        return tuple(found)

    async def told(self, job_ids: Collection[str]) -> None:
        """See `JobQueue.told`."""
        if job_ids:
            with reaching():
                await self._board.redis.zrem(self._board.keys.of("ended"), *job_ids)

    async def stats(self) -> QueueStats:
        """See `JobQueue.stats`."""
        board = self._board
        with reaching():
            now = await board.now_us()
            async with board.redis.pipeline(transaction=True) as pipe:
                pipe.zcard(board.keys.of("queued"))
                pipe.zcard(board.keys.of("running"))
                pipe.hget(board.keys.of("totals"), "cost_s")
                pipe.zcount(board.keys.of("workers"), now - int(board.config.lock_s * 1e6), "+inf")
                pipe.zrange(board.keys.of("queued"), 0, 0, withscores=True)
                queued, running, cost_s, workers, oldest = await pipe.execute()
        waited_s = (now - oldest[0][1]) / 1e6 if oldest else 0.0
        return QueueStats(queued, running, max(0.0, float(cost_s or 0)), workers, max(0.0, waited_s))

    async def ping(self) -> None:
        """See `JobQueue.ping`."""
        with reaching():
            await self._board.redis.ping()


def _event_name(name: str) -> EventName:
    if name == "progress":
        return "progress"
    return "done" if name == "done" else "status"
