"""Faults of workers: killed, frozen, killed by the job itself (F1, F2, F3, F5)."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.service_house import OVER, House, is_ready, opened
from benchmarks.service_process import Process, children, meanwhile, send, until
from benchmarks.service_stats import Row, tally

EXECUTIONS_EACH, CHILD_S, SUPERVISOR_S, NEXT_S, RUNS = 1.1, 5.0, 45.0, 10.0, 3
KILL_EVERY_S = 1.5
JOB_S = 0.2
SEED = 1
NOT_REFUSED = "nothing"
REFUSALS = {
    "held by another worker by now": "its lease is gone (job dropped)",
    "was lost to another worker": "its result is refused (files removed)",
}


async def random_kills(quick: bool) -> Sequence[Row]:
    """F1: jobs while a random process of a random worker is killed again and again."""
    count, workers = (40, 2) if quick else (300, 4)
    kills: Counter[str] = Counter()
    async with opened() as house:
        await house.staff(workers)
        began = time.monotonic()
        async with meanwhile(_kill_at_random(house, kills)) as killing:
            accepted = [await house.submit(f"work={JOB_S}") for _ in range(count)]
            await until(lambda: _all_over(house, accepted), what="all jobs end", within_s=600.0, every_s=0.5)
            seconds = time.monotonic() - began
            if killing.done():
                killing.result()
        jobs = {id_: await house.job(id_) for id_ in accepted}
        done = {id_: sum(name == "done" for _, name in house.events(id_)) for id_ in accepted}
        statuses = {id_: str(job["status"]) for id_, job in jobs.items()}
        found = tally(accepted, done, statuses, [id_ for _, id_, _ in house.starts()])
    tries = sum(int(job["attempt"]) for job in jobs.values())
    return [
        Row.exactly("jobs that ended exactly once", found.ended_once, count),
        Row.exactly("jobs lost", found.lost, 0),
        Row.exactly("jobs that ended again", found.ended_again, 0),
        Row.at_most("executions for one job", found.executions_each, EXECUTIONS_EACH),
        Row.told("executions", found.executions),
        Row.told("tries in the records (a killed supervisor held up to 4 jobs)", tries),
        Row.told("succeeded", found.succeeded),
        Row.told("ended otherwise", _codes(jobs)),
        Row.told("supervisors killed", kills["supervisor"]),
        Row.told("children killed", kills["child"]),
        Row.told("until all had ended", seconds, "s"),
    ]


async def one_kill(quick: bool) -> Sequence[Row]:
    """F2: a child, then a whole worker, is killed in the midst of a job."""
    async with opened() as house:
        await house.staff(2)
        child_s = [await _until_rerun(house, "child") for _ in range(1 if quick else 7)]
        supervisor_s = [] if quick else [await _until_rerun(house, "supervisor") for _ in range(3)]
    rows = [
        Row.told("child killed: its job runs again after, median", median(child_s), "s"),
        Row.at_most(f"... the slowest of {len(child_s)}", max(child_s), CHILD_S, "s"),
    ]
    if supervisor_s:
        rows += [
            Row.told("supervisor killed: its job runs again after, median", median(supervisor_s), "s"),
            Row.at_most(f"... the slowest of {len(supervisor_s)}", max(supervisor_s), SUPERVISOR_S, "s"),
        ]
    return rows


async def frozen(quick: bool) -> Sequence[Row]:
    """F3: a worker is stopped for three leases and goes on, when another has made its job."""
    lease_s = 6.0 if quick else 30.0
    rows: list[Row] = [Row.told("lease", lease_s, "s")]
    for what, whole in (("whole worker", True), ("supervisor only, its child ends the job", False)):
        async with opened(lock_s=lease_s) as house:
            rows += await _frozen(house, what, lease_s, whole=whole)
    return rows


async def deadly_job(quick: bool) -> Sequence[Row]:
    """F5: a job that kills the child at each try, and one that kills the supervisor."""
    rows: list[Row] = []
    for word, victim in (("crash", "child"),) if quick else (("crash", "child"), ("murder", "supervisor")):
        async with opened() as house:
            rows += await _deadly(house, word, victim)
    return rows


async def _kill_at_random(house: House, kills: Counter[str]) -> None:
    """Kill for good; a killed supervisor is started again at once, as an orchestrator would."""
    chance = random.Random(SEED)
    while True:
        await asyncio.sleep(KILL_EVERY_S)
        worker = chance.choice(house.workers)
        child = next(iter(children(worker.pid)), None)
        if child is not None and chance.random() < 0.5:
            send(child, signal.SIGKILL)
            kills["child"] += 1
        else:
            _replace(house, worker)
            kills["supervisor"] += 1


def _replace(house: House, worker: Process) -> None:
    worker.signal(signal.SIGKILL)
    worker.end()
    house.workers.remove(worker)
    house.start_worker()


async def _until_rerun(house: House, victim: str) -> float:
    """Seconds from a kill in the midst of a job to the job's next start; all workers are warm before."""
    job = await house.submit("work=3")
    _, child = await house.begun(job)
    worker = house.worker_of(child)
    killed_at = time.monotonic()
    if victim == "child":
        send(child, signal.SIGKILL)
    else:
        worker.signal(signal.SIGKILL)
    again_at, _ = await house.begun(job, 2)
    await house.ended(job)
    if victim == "supervisor":
        _replace(house, worker)
        await until(lambda: all(is_ready(w) for w in house.workers), what="the workers are warm")
    return again_at - killed_at


async def _frozen(house: House, what: str, lease_s: float, *, whole: bool) -> list[Row]:
    await house.staff(2)
    job = await house.submit("work=3")
    _, child = await house.begun(job)
    worker = house.worker_of(child)
    frozen_at = time.monotonic()
    worker.signal(signal.SIGSTOP)
    if whole:
        send(child, signal.SIGSTOP)
    seen = await house.ended(job, within_s=3 * lease_s)
    taken_over_s = time.monotonic() - frozen_at
    before = await _content(house, seen)
    await asyncio.sleep(3 * lease_s - taken_over_s)
    for pid in (worker.pid, child):
        send(pid, signal.SIGCONT)
    await until(lambda: _refusal(worker) != NOT_REFUSED, what="the frozen worker hears that it lost its job")
    after_job = await house.job(job)
    await house.ended(await house.submit("work=0.1"))  # and it goes on working
    again = house.starts_of(job)
    return [
        Row.told(f"{what}: the second run had ended after", taken_over_s, "s"),
        Row.exactly("... executions", len(again), 2),
        Row("... the job shows the second try", int(after_job["attempt"]), "2", after_job["attempt"] == 2),
        Row.exactly("... `done` events", sum(name == "done" for _, name in house.events(job)), 1),
        _held("... its content is still the second run's", before == await _content(house, after_job)),
        _held("... made by the second worker", before.endswith(b"made by %d" % again[1][1])),
        _held("... no file of the first run is kept", all(f.startswith("2/") for f in house.kept_files(job))),
        Row("... the first heard that", _refusal(worker), "it lost the job", _refusal(worker) != NOT_REFUSED),
    ]


async def _deadly(house: House, word: str, victim: str) -> list[Row]:
    await house.staff(1 if victim == "child" else 2)
    async with meanwhile(_keep_alive(house)):
        deadly = await house.submit(word)
        others = [await house.submit(f"work={JOB_S}") for _ in range(8)]
        next_s = []
        for run in range(1, RUNS + 1):
            await house.begun(deadly, run)  # and killed at once
            killed_at = time.monotonic()
            others.append(await house.submit("nothing"))
            next_s.append((await house.begun(others[-1]))[0] - killed_at)
        seen = await house.ended(deadly, within_s=400.0)
        rest = [await house.ended(id_) for id_ in others]
    runs, end = len(house.starts_of(deadly)), f"{seen['status']} {(seen['error'] or {}).get('code')}"
    return [
        Row(f"kills its {victim}: runs", runs, f"at most {RUNS}", runs <= RUNS),
        Row("... ends as", end, "failed worker-crashed", end == "failed worker-crashed"),
        Row.at_most("... a job submitted at a kill starts after, slowest", max(next_s), NEXT_S, "s"),
        Row.exactly("... other jobs that succeeded", sum(job["status"] == "succeeded" for job in rest), len(rest)),
    ]


async def _keep_alive(house: House) -> None:
    """Start workers again that ended, as an orchestrator would."""
    while True:
        for worker in [w for w in house.workers if not w.lives]:
            _replace(house, worker)
        await asyncio.sleep(0.1)


async def _content(house: House, job: dict[str, Any]) -> bytes:
    async with house.wire() as wire:
        return (await wire.ask("GET", job["outputs"][0]["content_url"])).body


def _refusal(worker: Process) -> str:
    """How a worker learnt, by its log, that its job is in other hands."""
    said = worker.said()
    found = [told for words, told in REFUSALS.items() if words in said]
    return " and ".join(found) or NOT_REFUSED


async def _all_over(house: House, accepted: Sequence[str]) -> bool:
    async with house.wire() as wire:
        for id_ in reversed(accepted):
            if (await wire.ask("GET", f"/v1/soundtracks/{id_}")).json()["status"] not in OVER:
                return False
    return True


def _codes(jobs: dict[str, dict[str, Any]]) -> str:
    codes = Counter(str((job["error"] or {}).get("code")) for job in jobs.values() if job["status"] != "succeeded")
    return ", ".join(f"{n} {code}" for code, n in codes.items()) or "none"


def _held(what: str, holds: bool) -> Row:
    return Row(what, "yes" if holds else "no", "yes", holds)
