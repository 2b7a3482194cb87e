"""A house of small programs becomes ready, says so once, and stops in order."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from service.errors import ServiceError
from service.serve.ground import free_port
from service.serve.house import Plan, keep
from service.serve.program import Program

API = """
import http.server, os, signal, sys
port, log, gate = int(sys.argv[1]), sys.argv[2], sys.argv[3]
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if os.path.exists(gate) else 503)
        self.end_headers()
    def log_message(self, *args): pass
def stop(*_):
    open(log, 'a').write('api stopped\\n')
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
http.server.HTTPServer(('127.0.0.1', port), Ready).serve_forever()
"""
WORKER = """
import os, signal, sys, time
log, gate = sys.argv[1], sys.argv[2]
def stop(*_):
    open(log, 'a').write('worker stopped\\n')
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
open(gate, 'w').close()
time.sleep(600)
"""


UNREADY = """
import os, sys, time
open(sys.argv[1] + '-part', 'w').write(f'{os.getpid()} ')
os.rename(sys.argv[1] + '-part', sys.argv[1])
time.sleep(600)
"""
DEADLINE_S = 60.0


def a_program(name: str, code: str, *words: object) -> Program:
    return Program(name, (sys.executable, "-c", code, *(str(word) for word in words)), dict(os.environ))


def a_plan(folder: Path, *, worker: str = WORKER) -> Plan:
    port, log, gate = free_port("127.0.0.1", 0), folder / "log", folder / "gate"
    api = a_program("the API", API, port, log, gate)
    return Plan(api, (a_program("worker 1", worker, log, gate),), f"http://127.0.0.1:{port}/readyz")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_once_that_it_is_ready_and_stops_the_api_before_the_workers(
    tmp_path: Path, number: signal.Signals
) -> None:
    said: list[str] = []

    def on_ready() -> None:
        said.append("ready")
        assert (tmp_path / "gate").exists()
        os.kill(os.getpid(), number)

    asyncio.run(keep(a_plan(tmp_path), on_ready=on_ready))
    assert said == ["ready"]
    assert (tmp_path / "log").read_text().splitlines() == ["api stopped", "worker stopped"]


def test_a_worker_that_cannot_start_ends_everything_and_says_which(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"worker 1 ended 3 times in a row \(exit code 4\)"):
        asyncio.run(keep(a_plan(tmp_path, worker="raise SystemExit(4)"), on_ready=lambda: None))
    assert (tmp_path / "log").read_text().splitlines() == ["api stopped"]


def test_what_does_not_become_ready_in_time_is_stopped_and_says_what_was_seen(tmp_path: Path) -> None:
    plan = a_plan(tmp_path, worker="import time; time.sleep(600)")
    with pytest.raises(ServiceError, match=r"not ready after 1 s .*readyz"):
        asyncio.run(keep(plan, on_ready=lambda: None, ready_within_s=1.0))


def test_a_signal_before_it_is_ready_stops_it(tmp_path: Path) -> None:
    said: list[str] = []

    async def run() -> None:
        task = asyncio.create_task(keep(a_plan(tmp_path, worker=UNREADY), on_ready=lambda: said.append("ready")))
        async with asyncio.timeout(DEADLINE_S):
            while not (tmp_path / "log").exists():
                await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await task

    asyncio.run(run())
    assert said == []
    (worker,) = (tmp_path / "log").read_text().split()[:1]
    with pytest.raises(ProcessLookupError):
        os.kill(int(worker), 0)
