"""What the API process needs: for idle streams, for large uploads, and to begin with."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.service_house import House, clean_environment, opened
from benchmarks.service_process import Failed, children, command_of, forget_peak, resident_mb
from benchmarks.service_stats import Row
from benchmarks.service_wire import EventStream
from service.serve.program import leash

STREAMS_MB, UPLOAD_MB, API_MB, READY_S = 200.0, 32.0, 300.0, 15.0
STREAMED_JOBS, PATIENCE_S = 10, 180.0
UPLOAD_BYTES, PIECE = 400_000_000, 1 << 20
MP4_HEAD = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
BOUNDARY = "tonereel-benchmark"


async def streams(quick: bool) -> Sequence[Row]:
    """Clients that follow jobs of which nothing new is told."""
    count, idle_s = (100, 2.0) if quick else (1_000, 20.0)
    async with opened() as house:
        jobs = [await house.submit("nothing") for _ in range(STREAMED_JOBS)]
        (await EventStream.open(house.port, jobs[0])).drop()  # the first stream loads what all need
        before_mb = resident_mb(house.api.pid)
        began = time.perf_counter()
        opened_streams = [await EventStream.open(house.port, jobs[n % len(jobs)]) for n in range(count)]
        seen = await asyncio.gather(*(stream.next() for stream in opened_streams))
        opened_s = time.perf_counter() - began
        await asyncio.sleep(idle_s)  # over the first ping
        during_mb = resident_mb(house.api.pid, peak=True)
        async with house.wire() as wire:
            answer_ms = 1e3 * (await wire.ask("GET", f"/v1/soundtracks/{jobs[0]}")).seconds
        for stream in opened_streams:
            stream.drop()
        return [
            Row.exactly("streams that told the job's state", sum(event is not None for event in seen), count),
            Row.at_most(f"added memory of the API process, {count} streams", during_mb - before_mb, STREAMS_MB, "MB"),
            Row.at_most("memory of the API process, peak", during_mb, API_MB, "MB"),
            Row.told("opened, a second", count / opened_s),
            Row.told("a GET of a job meanwhile, ms", answer_ms),
        ]


async def uploads(quick: bool) -> Sequence[Row]:
    """A large upload, as a raw body and as the part of a form."""
    size = UPLOAD_BYTES // 10 if quick else UPLOAD_BYTES
    rows: list[Row] = []
    async with opened() as house:
        await _raw(house, PIECE)  # the first upload loads what all need
        for name, send_it in (("raw body", _raw), ("form", _form)):
            forget_peak(house.api.pid)
            before_mb, began = resident_mb(house.api.pid), time.perf_counter()
            await send_it(house, size)
            seconds = time.perf_counter() - began
            added = resident_mb(house.api.pid, peak=True) - before_mb
            megabytes = f"{size / 1e6:.0f} MB"
            rows += [
                Row.at_most(f"{name}: added memory of the API process, {megabytes}", added, UPLOAD_MB, "MB"),
                Row.told(f"{name}: megabytes a second", size / 1e6 / seconds),
            ]
    return rows


async def serve(quick: bool) -> Sequence[Row]:
    """`tonereel serve` in an empty folder with the real bundle, until it says that it is ready."""
    with tempfile.TemporaryDirectory(prefix="tonereel-bench-") as name:
        first_s, _ = _served(Path(name))
        found = [_served(Path(name)) for _ in range(1 if quick else 3)]
    ready_s = [seconds for seconds, _ in found]
    return [
        Row.at_most(f"ready, median of {len(found)}", median(ready_s), READY_S, "s"),
        Row.told("... the slowest", max(ready_s), "s"),
        Row.told("... the very first, which also compiles all modules", first_s, "s"),
        Row.at_most("memory of the API process then, largest", max(mb for _, mb in found), API_MB, "MB"),
    ]


def _served(folder: Path) -> tuple[float, float]:
    """Seconds until it is ready, and the API process's resident memory then; compiled modules stay in the folder."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        log = folder / "serve.log"
        began = time.monotonic()
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "service.commands.serve", "--port", "0", "--data-dir", data],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=clean_environment(folder / "compiled"),
                start_new_session=True,
                preexec_fn=leash(),  # noqa: PLW1509 - one system call, resolved before the fork
            )
        try:
            while "is ready at" not in log.read_text(errors="replace"):
                if process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    raise Failed(f"tonereel serve did not become ready: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.01)
            seconds = time.monotonic() - began
            api = next(pid for pid in children(process.pid) if "service.commands.api" in command_of(pid))
            return seconds, resident_mb(api)
        finally:
            process.terminate()
            process.wait(60)


async def _raw(house: House, size: int) -> None:
    async with house.wire() as wire:
        answer = await wire.upload("/v1/uploads", size, _film(size), content_type="application/octet-stream")
    if answer.status != 201 or answer.json()["n_bytes"] != size:
        raise Failed(f"an upload was answered with {answer.status}: {answer.body.decode()}")


async def _form(house: House, size: int) -> None:
    head = (
        f"--{BOUNDARY}\r\ncontent-disposition: form-data; name=video; filename=clip.mp4\r\n"
        "content-type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    async def body() -> AsyncIterator[bytes]:
        yield head
        async for piece in _film(size):
            yield piece
        yield tail

    async with house.wire() as wire:
        whole = len(head) + size + len(tail)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        answer = await wire.upload("/v1/soundtracks", whole, body(), content_type=kind)
    if answer.status != 202:
        raise Failed(f"a form was answered with {answer.status}: {answer.body.decode()}")


async def _film(size: int) -> AsyncIterator[bytes]:
    """Bytes that begin as an MP4 file does; the rest is noise, which no disk can leave out."""
    noise = os.urandom(PIECE)
    yield MP4_HEAD[:size]
    left = size - len(MP4_HEAD)
    while left > 0:
        yield noise[:left]
        left -= PIECE
