"""The Lua scripts of the queue, each one step that happens wholly or not at all; what they do is written in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from redis.asyncio import Redis

from schemas.soundtrack import JobStatus
from service.jobs.config import QueueConfig, retry_after
from service.jobs.errors import KeyInFlight, KeyReused, QueueFull
from service.jobs.keys import Keys, once_hash
from service.jobs.port import NewJob, Once
from service.jobs.records import fields_of

NAMES = (
    *("admit", "confirm", "start", "requeue", "progress", "finish", "cancel", "wanted"),
    *("delete", "position", "heads", "sweep", "purge", "audit", "aged"),
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What admission said: the id that stands for the request, and the microsecond at which a new one was accepted."""

    id: str
    replayed: bool = False
    finished: bool = True  # whether BullMQ has the job for certain
    now_us: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """What starting said: "started" with the record's fields, or why not."""

    verdict: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Head:
    """What a bucket would give next: None when nothing waits; `due_ms` when its first delayed job may be tried."""

    bucket: str
    rank: tuple[int, int] | None
    due_ms: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be done about an outstanding job; the verdicts are in `audit.lua`."""

    id: str
    bucket: str
    verdict: str
    detail: str


class Scripts:
    """One method per script. Every method may raise what redis-py raises."""

    def __init__(self, client: Redis, config: QueueConfig) -> None:
        self._config, self._keys = config, Keys(config.name)
        folder = resources.files("service.jobs") / "lua"
        common = (folder / "common.lua").read_text()
        self._scripts = {name: client.register_script(common + (folder / f"{name}.lua").read_text()) for name in NAMES}

    async def _run(self, name: str, *args: str | int | float) -> Any:
        return await self._scripts[name](keys=[self._keys.prefix], args=args)

    async def admit(self, job: NewJob, once: Once | None) -> Admitted:
        """Accept a job. Raises QueueFull, KeyReused, KeyInFlight."""
        limits, cancel_after_s = self._config, job.request.cancel_after_s
        said = await self._run(
            "admit",
            job.id,
            job.tenant,
            once_hash(job.tenant, once.key) if once else "",
            once.body_sha256 if once else "",
            limits.max_outstanding,
            job.max_outstanding or limits.max_outstanding_per_tenant,
            int(limits.accept_s * 1e6),
            int(limits.idempotency_ttl_s * 1000),
            int(limits.job_ttl_s * 2000),
            job.cost_s,
            job.bucket,
            "" if cancel_after_s is None else int(cancel_after_s * 1e6),
            int(limits.lock_s * 1e6),
            *(part for pair in fields_of(job).items() for part in pair),
        )
        return _admitted(job.id, said)

    async def confirm(self, id_: str) -> None:
        """BullMQ has the job."""
        await self._run("confirm", id_)

    async def start(self, id_: str, bucket: str, token: str) -> Started:
        """Mark a locked job running."""
        said = await self._run("start", id_, bucket, token, self._config.max_runs)
        return Started(said[0], dict(zip(said[1::2], said[2::2], strict=True)))

    async def requeue(self, id_: str, *, refund: bool = False) -> bool:
        """Let a job wait that no worker holds; with `refund` its last try does not count."""
        return bool(await self._run("requeue", id_, int(refund)))

    async def progress(self, id_: str, bucket: str, token: str, *, stage: str, fraction: float) -> None:
        """Write how far a job is, if this token holds it."""
        await self._run("progress", id_, bucket, token, stage, fraction)

    async def finish(self, id_: str, status: JobStatus, *, result: str = "", problem: str = "") -> bool:
        """Write how a job ended; False when it had ended before."""
        kept_ms, events_ms = int(self._config.job_ttl_s * 1000), int(self._config.events_ttl_s * 1000)
        return bool(await self._run("finish", id_, status, result, problem, kept_ms, events_ms))

    async def cancel(self, id_: str) -> tuple[str, str]:
        """Note that a job is to be cancelled; its status ("over", "unknown", "corrupt" too) and its bucket."""
        status, bucket = await self._run("cancel", id_)
        return status, bucket

    async def wanted(self, worker: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of these are to be cancelled; counts as the worker's heartbeat."""
        return frozenset(await self._run("wanted", worker, int(self._config.lock_s * 10_000), *ids))

    async def delete(self, id_: str) -> tuple[str, str]:
        """Forget a job that is over: "deleted", "live" or "unknown", and its bucket."""
        state, bucket = await self._run("delete", id_)
        return state, bucket

    async def position(self, id_: str) -> int:
        """Jobs ahead; -1 for one that does not wait, -2 for an unknown one."""
        return int(await self._run("position", id_))

    async def heads(self) -> tuple[Head, ...]:
        """What each bucket would give next."""
        flat = await self._run("heads")
        return tuple(
            Head(bucket, (int(rank), int(float(created))) if rank else None, int(due) if due else None)
            for bucket, rank, created, due in zip(*(flat[i::4] for i in range(4)), strict=True)
        )

    async def sweep(self, bucket: str) -> tuple[str, ...]:
        """Take entries that are no jobs out of a bucket's active list."""
        return tuple(await self._run("sweep", bucket))

    async def purge(self, bucket: str, id_: str) -> None:
        """Take an entry out of everything that BullMQ has."""
        await self._run("purge", bucket, id_)

    async def audit(self, ids: Sequence[str]) -> tuple[Finding, ...]:
        """What is to be done about these outstanding jobs."""
        accept_us, ageing_us = int(self._config.accept_s * 1e6), int(self._config.ageing_s * 1e6)
        flat = await self._run("audit", accept_us, ageing_us, *ids)
        return tuple(Finding(*four) for four in zip(*(flat[i::4] for i in range(4)), strict=True))

    async def aged(self, id_: str, steps: int) -> None:
        """Note how many ageing steps a job has gained."""
        await self._run("aged", id_, steps)


def _admitted(id_: str, said: Sequence[str]) -> Admitted:
    match list(said):
        case ["accepted", now_us]:
            return Admitted(id_, finished=False, now_us=int(now_us))
        case ["replay", earlier]:
            return Admitted(earlier, replayed=True)
        case ["unfinished", earlier]:
            return Admitted(earlier, replayed=True, finished=False)
        case ["full", scope, cost_s, outstanding, workers]:
            raise QueueFull(scope, retry_after(float(cost_s), int(outstanding), int(workers)))
        case ["reused"]:
            raise KeyReused("this Idempotency-Key came with another body before; use a new key for a new request")
        case _:
            raise KeyInFlight("a request with this Idempotency-Key is being accepted; ask again in a moment")
