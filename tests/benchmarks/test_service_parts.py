import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks import service_faults, service_load, service_report
from benchmarks.service_engine import STARTS, BenchmarkEngine, words_of
from benchmarks.service_process import Failed, Process, children, forget_peak, resident_mb, until
from benchmarks.service_report import Part
from benchmarks.service_stats import Row
from benchmarks.service_wire import Event, EventStream, read_head, request_bytes
from schemas.request import MusicRequest
from schemas.source import CaptionSource
from service.worker.task import Task, Wanted

STREAM = b"retry: 2000\n\nid: 1-0\nevent: status\ndata: {}\n\n: ping\n\nid: 2-0\nevent: done\ndata: {}\n\n"


def task(caption: str, folder: Path) -> Task:
    request = MusicRequest(sources=(CaptionSource(text=caption),), duration_s=4.0)
    return Task("st_1", "soundtrack", request, Wanted("wav"), folder)


def test_the_engine_notes_each_start_and_leaves_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STARTS, str(tmp_path / "starts.txt"))
    said: list[float] = []

    (outcome,) = BenchmarkEngine().run([task("work=0.05", tmp_path)], lambda _id, _stage, done: said.append(done))

    assert (tmp_path / "starts.txt").read_text().split()[1:] == ["st_1", str(os.getpid())]
    assert outcome.made[0].path.read_bytes() == b"st_1 made by %d" % os.getpid()
    assert said == sorted(said)
    assert len(said) > 1


def test_words_of_a_caption_may_have_numbers(tmp_path: Path) -> None:
    assert words_of(task("work=0.2 crash", tmp_path)) == {"work": 0.2, "crash": 0.0}


def test_a_stream_gives_whole_events_only_wherever_its_pieces_end() -> None:
    async def read(size: int) -> list[Event]:
        reader = asyncio.StreamReader()
        pieces = [STREAM[i : i + size] for i in range(0, len(STREAM), size)]
        reader.feed_data(b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (*pieces, b"")))
        reader.feed_eof()
        stream, found = EventStream(reader, None), []  # type: ignore[arg-type]
        while (event := await stream.next()) is not None:
            found.append(event)
        return found

    for size in (1, 7, len(STREAM)):
        assert asyncio.run(read(size)) == [Event("1-0", "status"), Event("2-0", "done")]


def test_a_request_and_an_answer_have_their_headers() -> None:
    async def read() -> tuple[int, dict[str, str]]:
        reader = asyncio.StreamReader()
        reader.feed_data(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\ncontent-length: 0\r\n\r\n")
        return await read_head(reader)

    assert b"\r\nidempotency-key: k\r\n" in request_bytes("POST", "/", {"idempotency_key": "k"}, 2)
    assert asyncio.run(read()) == (429, {"retry-after": "3", "content-length": "0"})


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    (tmp_path / "sleeper.py").write_text("import time; print('up', flush=True); time.sleep(600)")
    process = Process.start("sleeper", (), {**os.environ, "PYTHONPATH": str(tmp_path)}, tmp_path / "log")
    yield process
    process.end()


def test_processes_are_found_measured_and_ended_even_when_they_are_stopped(sleeper: Process) -> None:
    asyncio.run(until(lambda: "up" in sleeper.said(), what="it runs", within_s=60.0))

    assert sleeper.pid in children(os.getpid())
    forget_peak(sleeper.pid)
    assert 1.0 < resident_mb(sleeper.pid) <= resident_mb(sleeper.pid, peak=True) < 200.0
    sleeper.signal(signal.SIGSTOP)
    sleeper.end()
    assert not sleeper.lives
    assert sleeper.pid not in children(os.getpid())


def test_waiting_ends_with_a_reason() -> None:
    with pytest.raises(Failed, match="pigs fly"):
        asyncio.run(until(lambda: False, what="pigs fly", within_s=0.02))


def test_a_part_that_fails_does_not_keep_the_others_from_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def works(quick: bool) -> Sequence[Row]:
        return [Row.exactly("quick", int(quick), 1)]

    async def breaks(quick: bool) -> Sequence[Row]:
        raise Failed("on purpose")

    results = tmp_path / "RESULTS.md"
    results.write_text("# Results\n\nWords that stay.\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["x", "--quick", "--results", str(results)])
    parts = {"submit": Part("Breaks", "How.", breaks), "rate": Part("Works", "How.", works)}

    for _ in range(2):
        with pytest.raises(SystemExit, match="submit"):
            service_report.main("benchmarks.x", parts)

    text = results.read_text(encoding="utf-8")
    assert text.startswith("# Results\n\nWords that stay.\n\n<!-- service_rate -->\n## Service: Works\n")
    assert text.count("| quick | 1 | 1 | yes |") == 1
    assert "python -m benchmarks.x --only rate --quick" in text
    assert "on purpose" in capsys.readouterr().err


def test_every_fault_that_the_project_promises_is_measured() -> None:
    assert tuple(service_faults.PARTS) == service_report.FAULTS
    assert tuple(service_load.PARTS) == service_report.LOAD
