"""Faults around the queue: Redis dies, jobs are cancelled, requests come twice, streams are cut (F6, F8, F13, F14)."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.service_house import House, opened
from benchmarks.service_process import Failed, meanwhile, until
from benchmarks.service_stats import Row, in_order_once, percentile, tally
from benchmarks.service_wire import Answer, EventStream

DOWN_ANSWER_S, RECOVERY_S = 2.0, 15.0
QUEUED_S, RUNNING_S, DEAF_S = 0.2, 2.0, 5.0
SAME, DROPS = 100, 20
SEED = 1


@dataclass
class Traffic:
    """What clients were answered, each answer with the moment when it was asked for, and when Redis was away."""

    answers: list[tuple[float, Answer]] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)
    broken: int = 0

    @property
    def accepted(self) -> list[str]:
        """Ids of acknowledged jobs."""
        return [str(answer.json()["id"]) for _, answer in self.answers if answer.status == 202]

    def asked_meanwhile(self) -> list[Answer]:
        """Answers to what was asked while Redis was away."""
        return [answer for at, answer in self.answers if any(down < at < up for down, up in self.away)]

    def slowest_s(self) -> float:
        """The longest that anybody waited for an answer who was waiting while Redis was away."""
        return max(
            answer.seconds
            for at, answer in self.answers
            if any(at < up and at + answer.seconds > down for down, up in self.away)
        )


async def redis_killed(quick: bool) -> Sequence[Row]:
    """F6: Redis is killed while clients submit and workers make, stays away, and comes back."""
    rounds, before_s, down_s = (1, 2.0, 3.0) if quick else (3, 6.0, 8.0)
    traffic, taken_s, made_s = Traffic(), list[float](), list[float]()
    async with opened() as house:
        await house.staff(2)
        async with meanwhile(_submit_on(house, traffic)):
            for _ in range(rounds):
                await asyncio.sleep(before_s)
                await _outage(house, traffic, down_s)
                taken_s.append(await until(lambda: _is_taken(house), what="jobs are taken again", every_s=0.05))
                made_s.append(taken_s[-1] + await _made(house))
        accepted = traffic.accepted
        statuses = {id_: str((await house.ended(id_))["status"]) for id_ in accepted}
        done = {id_: sum(name == "done" for _, name in house.events(id_)) for id_ in accepted}
    found, meant = tally(accepted, done, statuses, []), traffic.asked_meanwhile()
    return [
        Row.told("outages", f"{rounds} of {down_s:g} s"),
        Row.told("jobs acknowledged", found.accepted),
        Row.exactly("... lost", found.lost, 0),
        Row.exactly("... ended exactly once", found.ended_once, found.accepted),
        Row.exactly("... succeeded", found.succeeded, found.accepted),
        _problems(meant),
        Row.at_most("slowest answer while Redis was away", traffic.slowest_s(), DOWN_ANSWER_S, "s"),
        Row.at_most("after its return jobs are taken again, slowest", max(taken_s), RECOVERY_S, "s"),
        Row.at_most("... and a new one has been made", max(made_s), RECOVERY_S, "s"),
        Row.exactly("answers that were neither 202 nor 503", _strange(traffic), 0),
        Row.exactly("connections that broke", traffic.broken, 0),
    ]


async def cancelled(quick: bool) -> Sequence[Row]:
    """F8: cancelling a job that waits, runs, does not listen, or has ended."""
    times = 2 if quick else 10
    async with opened(batch_jobs=1) as house:
        await house.staff(1)
        queued, running, deaf = [], [], []
        for _ in range(times):
            running_job = await house.submit("work=60")
            await house.begun(running_job)
            queued.append(await _cancel(house, await house.submit("nothing")))
            running.append(await _cancel(house, running_job))
        for _ in range(max(1, times // 3)):
            deaf_job = await house.submit("deaf=60")
            await house.begun(deaf_job)
            deaf.append(await _cancel(house, deaf_job))
        finished = await house.submit("nothing")
        await house.ended(finished)
        async with house.wire() as wire:
            late = await wire.ask("POST", f"/v1/soundtracks/{finished}/cancel")
    return [
        Row.at_most(f"queued: cancelled after, slowest of {times}", max(queued), QUEUED_S, "s"),
        Row.at_most(f"running: slowest of {times}", max(running), RUNNING_S, "s"),
        Row.told("... p50", percentile(running, 0.5), "s"),
        Row.at_most(f"deaf, killed: slowest of {len(deaf)}", max(deaf), DEAF_S, "s"),
        Row.exactly("finished: status of the answer", late.status, 409),
    ]


async def same_key(quick: bool) -> Sequence[Row]:
    """F13: many equal POSTs at once with one Idempotency-Key."""
    rounds = 1 if quick else 10
    codes: Counter[int] = Counter()
    most_ids, in_queue = 0, 0
    async with opened() as house:
        for number in range(rounds):
            wires = [house.wire() for _ in range(SAME)]
            await asyncio.gather(*(wire.ask("GET", "/livez") for wire in wires))
            key = f"round-{number}"
            answers = await asyncio.gather(*(wire.submit("nothing", idempotency_key=key) for wire in wires))
            for wire in wires:
                wire.drop()
            codes.update(answer.status for answer in answers)
            most_ids = max(most_ids, len({answer.json()["id"] for answer in answers if answer.status == 202}))
        in_queue = await _count(house)
    told = ", ".join(f"{n} x {status}" for status, n in sorted(codes.items()))
    return [
        Row.told(f"answers to {rounds} times {SAME} POSTs", told),
        Row.exactly("answers that were neither 202 nor 409", sum(codes.values()) - codes[202] - codes[409], 0),
        Row.exactly("different ids of one key", most_ids, 1),
        Row.exactly("jobs in the queue", in_queue, rounds),
    ]


async def cut_streams(quick: bool) -> Sequence[Row]:
    """F14: a client whose connection is cut again and again, and that goes on after the last event it saw."""
    work_s = 5 if quick else 30
    chance, seen, drops = random.Random(SEED), list[str](), 0
    async with opened() as house:
        await house.staff(1)
        job = await house.submit(f"work={work_s}")
        while True:
            patience_s = chance.uniform(0.0, 2 * work_s / DROPS) if drops < DROPS else 600.0
            if await _followed(house, job, seen, patience_s):
                break
            drops += 1
        written = [id_ for id_, _ in house.events(job)]
        names = Counter(name for _, name in house.events(job))
    is_whole = in_order_once(seen, written)
    return [
        Row("times that the stream was cut", drops, f"at least {DROPS}", drops >= DROPS),
        Row.told("events written", f"{names['status']} status, {names['progress']} progress, {names['done']} done"),
        Row.exactly("events seen", len(seen), len(written)),
        Row("every id once and in order", "yes" if is_whole else "no", "yes", is_whole),
    ]


async def _submit_on(house: House, traffic: Traffic) -> None:
    """Four clients that submit for good, each a few jobs a second."""

    async def client() -> None:
        wire = house.wire()
        while True:
            asked_at = time.monotonic()
            try:
                traffic.answers.append((asked_at, await wire.submit("nothing")))
            except (OSError, EOFError, TimeoutError):
                traffic.broken += 1
            await asyncio.sleep(0.2)

    await asyncio.gather(*(client() for _ in range(4)))


async def _outage(house: House, traffic: Traffic, down_s: float) -> None:
    """Kill Redis, wait, start it again."""
    house.redis.kill()
    down_at = time.monotonic()
    await asyncio.sleep(down_s)
    traffic.away.append((down_at, time.monotonic()))
    house.redis.restart()


def _problems(answers: Sequence[Answer]) -> Row:
    codes = Counter(f"{answer.status} {answer.json().get('code')}" for answer in answers)
    problems = [a for a in answers if a.status == 503 and a.headers["content-type"] == "application/problem+json"]
    told = ", ".join(f"{n} x {code}" for code, n in codes.items())
    return Row("answers to what was asked meanwhile", told, "503 problems", len(problems) == len(answers) > 0)


def _strange(traffic: Traffic) -> int:
    return sum(answer.status not in {202, 503} for _, answer in traffic.answers)


async def _is_taken(house: House) -> bool:
    async with house.wire() as wire:
        return (await wire.submit("nothing")).status == 202


async def _made(house: House) -> float:
    """Seconds until a job that is submitted now has succeeded."""
    began = time.monotonic()
    seen = await house.ended(await house.submit("nothing"))
    if seen["status"] != "succeeded":
        raise Failed(f"a job after the outage ended as {seen['status']}")
    return time.monotonic() - began


async def _cancel(house: House, job_id: str) -> float:
    """Seconds from a cancel to the job's end."""
    async with house.wire() as wire:
        began = time.monotonic()
        answer = await wire.ask("POST", f"/v1/soundtracks/{job_id}/cancel")
        if answer.status != 202:
            raise Failed(f"a cancel was answered with {answer.status}: {answer.body.decode()}")
        status = answer.json()["status"]
        while status != "cancelled":
            if status not in {"queued", "running"} or time.monotonic() - began > 30:
                raise Failed(f"a cancelled job is {status}")
            await asyncio.sleep(0.01)
            status = (await wire.ask("GET", f"/v1/soundtracks/{job_id}")).json()["status"]
        return time.monotonic() - began


async def _count(house: House) -> int:
    async with house.wire() as wire:
        return len((await wire.ask("GET", "/v1/soundtracks?limit=100")).json()["data"])


async def _followed(house: House, job_id: str, seen: list[str], patience_s: float) -> bool:
    """Add what comes to `seen`; False when the connection was cut before the end."""
    stream = await EventStream.open(house.port, job_id, seen[-1] if seen else "")
    try:
        async with asyncio.timeout(patience_s):
            while (event := await stream.next()) is not None:
                seen.append(event.id)
                if event.name == "done":
                    return True
    except TimeoutError:
        return False
    finally:
        stream.drop()
    raise Failed("a stream ended without `done`")
