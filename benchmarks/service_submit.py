"""How fast jobs are taken, how many are taken when too many come, and how fast they are made."""

import asyncio
import math
import re
import time
from collections.abc import Sequence

from benchmarks.service_house import House, opened
from benchmarks.service_process import resident_mb, until
from benchmarks.service_stats import Row, bucket_percentile, percentile
from benchmarks.service_wire import Answer

SUBMIT_P99_MS, API_MB = 50.0, 300.0
CLIENTS = (1, 10, 100)
CALM_CLIENTS, CALM_RATE = 10, 100
BOUND, BURST_CLIENTS = 1_000, 10
ROUTE = 'tonereel_http_request_seconds_bucket{le="([^"]+)",method="POST",route="/v1/soundtracks"} (\\S+)'


async def submit_latency(quick: bool) -> Sequence[Row]:
    """Accepted submissions one after the other, by 1, 10 and 100 clients at once; nothing is made meanwhile."""
    rows: list[Row] = []
    async with opened(max_outstanding=100_000, max_outstanding_per_key=100_000) as house:
        await submissions(house, 100, 1)  # warm
        for clients in CLIENTS:
            began = time.perf_counter()
            answers, server = await measured(house, 200 if quick else 2_000, clients)
            rate = len(answers) / (time.perf_counter() - began)
            rows += _latencies(f"{clients} clients" if clients > 1 else "1 client", answers, bar=clients <= 10)
            rows += [Row.told("... p99 within the API process, ms", server), Row.told("... submissions a second", rate)]
            rows.append(Row.exactly("... not accepted", sum(a.status != 202 for a in answers), 0))
        calm = await submissions(house, 200 if quick else 2_000, CALM_CLIENTS, every_s=CALM_CLIENTS / CALM_RATE)
        rows += _latencies(f"{CALM_CLIENTS} clients, {CALM_RATE} submissions a second in all", calm, bar=True)
    return rows


async def burst(quick: bool) -> Sequence[Row]:
    """10,000 submissions against a bound of 1,000 jobs, none of which is made meanwhile."""
    count, bound = (1_000, 100) if quick else (10_000, BOUND)
    async with opened(max_outstanding=bound) as house:
        before_mb = resident_mb(house.api.pid)
        answers, server = await measured(house, count, BURST_CLIENTS)
        accepted = [a for a in answers if a.status == 202]
        refused = [a for a in answers if a.status == 429]
        told = [a for a in refused if int(a.headers.get("retry-after", "0")) >= 1]
        return [
            Row.exactly(f"accepted of {count}", len(accepted), bound),
            Row.exactly("refused with 429", len(refused), count - bound),
            Row.exactly("... with Retry-After", len(told), count - bound),
            Row.exactly("ids given twice", len(accepted) - len({a.json()["id"] for a in accepted}), 0),
            *_latencies(f"all, {BURST_CLIENTS} clients", answers, bar=True),
            *_latencies("... of the accepted", accepted, bar=False),
            Row.at_most("p99 within the API process", server, SUBMIT_P99_MS, "ms"),
            Row.told("memory of the API process before", before_mb, "MB"),
            Row.at_most("memory of the API process, peak", resident_mb(house.api.pid, peak=True), API_MB, "MB"),
        ]


async def rate(quick: bool) -> Sequence[Row]:
    """Jobs from submission to their end, with an engine that makes nothing."""
    rows: list[Row] = []
    count = 100 if quick else 1_000
    async with opened() as house:
        for workers in (1, 2):
            await house.staff(workers - len(house.workers))
            alone = [await _alone(house) for _ in range(5 if quick else 30)]
            began = time.perf_counter()
            answers = await submissions(house, count, BURST_CLIENTS)
            submitted_s = time.perf_counter() - began
            await until(lambda: _is_empty(house), what="all jobs have ended", every_s=0.05)
            seconds = time.perf_counter() - began
            named = f"{workers} worker{'s' if workers > 1 else ''}"
            rows += [
                Row.told(f"{named}: jobs a second, end to end", count / seconds),
                Row.told("... submissions a second meanwhile", count / submitted_s),
                Row.exactly("... not accepted", sum(a.status != 202 for a in answers), 0),
                Row.told("... one job on an idle service, from POST to its end, p50", percentile(alone, 0.5), "ms"),
            ]
    return rows


async def measured(house: House, count: int, clients: int) -> tuple[list[Answer], float]:
    """Submissions, and the 99th percentile of their time within the API process, in milliseconds."""
    before = await _buckets(house)
    answers = await submissions(house, count, clients)
    return answers, 1e3 * bucket_percentile(before, await _buckets(house), 0.99)


async def submissions(house: House, count: int, clients: int, *, every_s: float = 0.0) -> list[Answer]:
    """Ask for music `count` times; each client asks again when it is answered, and `every_s` seconds are over."""
    answers: list[Answer] = []
    left = iter(range(count))

    async def client(number: int) -> None:
        async with house.wire() as wire:
            await wire.ask("GET", "/livez")  # connect
            due = time.monotonic() + every_s * number / clients
            for _ in left:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                answers.append(await wire.submit("nothing"))
                due += every_s

    await asyncio.gather(*(client(number) for number in range(clients)))
    return answers


def _latencies(who: str, answers: Sequence[Answer], *, bar: bool) -> list[Row]:
    ms = [1e3 * a.seconds for a in answers]
    p99 = percentile(ms, 0.99)
    last = Row.at_most("... p99", p99, SUBMIT_P99_MS, "ms") if bar else Row.told("... p99", p99, "ms")
    return [Row.told(f"{who}: submit p50", percentile(ms, 0.5), "ms"), last]


async def _alone(house: House) -> float:
    """Milliseconds from a POST that waits for the end to its answer."""
    async with house.wire() as wire:
        await wire.ask("GET", "/livez")
        answer = await wire.submit("nothing", prefer="wait=30")
        if answer.status != 200 or answer.json()["status"] != "succeeded":
            raise RuntimeError(f"a job that makes nothing ended with {answer.status}: {answer.body.decode()}")
        return 1e3 * answer.seconds


async def _is_empty(house: House) -> bool:
    async with house.wire() as wire:
        text = (await wire.ask("GET", "/metrics")).body.decode()
    counts = re.findall(r'^tonereel_queue_jobs\{state="\w+"\} (\S+)', text, re.MULTILINE)
    return len(counts) == 2 and not any(map(float, counts))


async def _buckets(house: House) -> dict[float, float]:
    async with house.wire() as wire:
        text = (await wire.ask("GET", "/metrics")).body.decode()
    found = {math.inf if le == "+Inf" else float(le): float(n) for le, n in re.findall(ROUTE, text)}
    return found or {math.inf: 0.0}
