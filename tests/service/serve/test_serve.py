"""`tonereel serve` with its real Redis and its real API."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

STOP_S = 60


class Served:
    """A service that runs, and the line with which it said so."""

    def __init__(self, folder: Path) -> None:
        given = {name: value for name, value in os.environ.items() if not name.startswith(("TONEREEL_", "REDIS_"))}
        command = (sys.executable, "-m", "service.commands.serve", "--port", "0", "--workers", "0", "--data-dir")
        self.process = subprocess.Popen(
            (*command, str(folder)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=given
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()

    @property
    def address(self) -> str:
        return next(word for word in self.line.split() if word.startswith("http://"))

    def programs(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return [int(word) for path in children for word in path.read_text().split()]

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=STOP_S)[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "data"


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    service = Served(folder)
    yield service
    if service.process.poll() is None:
        service.stop()


def test_one_line_says_where_it_is_and_where_data_lie(served: Served, folder: Path) -> None:
    assert served.line.startswith("Tonereel is ready at http://127.0.0.1:")
    assert str(folder) in served.line


def test_the_page_and_the_api_answer_there(served: Served) -> None:
    assert "<title>Tonereel</title>" in httpx.get(served.address + "/").text
    assert httpx.get(served.address + "/main.js").headers["content-type"].startswith("text/javascript")
    assert httpx.get(served.address + "/v1/soundtracks").json()["data"] == []
    assert b"tonereel_outstanding_work_seconds 0.0" in httpx.get(served.address + "/metrics").content


def test_a_second_service_in_the_same_folder_is_refused(served: Served, folder: Path) -> None:
    second = Served(folder)
    _, wrong = second.process.communicate(timeout=STOP_S)
    assert second.process.returncode == 3
    assert f"served by process {served.process.pid}" in wrong


def test_it_stops_in_order_and_leaves_nothing_running(served: Served) -> None:
    programs = served.programs()
    assert len(programs) >= 2  # Redis and the API
    wrong = served.stop()
    assert served.process.returncode == 0, wrong
    assert not [pid for pid in programs if Path(f"/proc/{pid}").exists()]
