"""`tonereel serve` as people use it: started, asked with curl, stopped in the middle of a job, started again."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.e2e.house import WITHIN_S, children, clean_environment, until
from tests.service.clips import Clip, write_clip

LONG = {"sources": [{"kind": "caption", "text": "epic orchestra"}], "duration_s": 120.0}
DRAIN_S = "0.5"  # too short for the job, so that it is given back


class Served:
    """One run of the command in a folder."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "service.commands.serve", "--port", "0", "--data-dir", str(data)]
        self._log = (data.parent / "serve.log").open("ab")
        self.process = subprocess.Popen(
            command,
            env=clean_environment(TONEREEL_DRAIN_S=DRAIN_S, TONEREEL_LOG_FORMAT="json"),
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        assert self.line, (data.parent / "serve.log").read_text()
        self.url = next(word for word in self.line.split() if word.startswith("http://"))

    def family(self) -> set[int]:
        """All processes that it has started."""
        found, new = set[int](), {self.process.pid}
        while new:
            found |= new
            new = {c for pid in new for c in children(pid)} - found
        return found - {self.process.pid}

    def stop(self) -> None:
        """SIGTERM; returns when it has ended."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=WITHIN_S)
        self._log.close()


def status_of(url: str) -> dict[str, object]:
    found: dict[str, object] = httpx.get(url, timeout=30).json()
    return found


def test_a_job_outlives_a_stop_in_its_middle_and_is_finished_after_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Served(data)
    try:
        clip = write_clip(tmp_path / "clip.mp4", Clip())
        made = curl("-F", f"video=@{clip}", f"{first.url}/v1/soundtracks")
        short = f"{first.url}/v1/soundtracks/{made['id']}"
        until(lambda: status_of(short)["status"] == "succeeded", "the end of the first job")
        long = httpx.post(f"{first.url}/v1/soundtracks", json=LONG).json()
        until(lambda: status_of(f"{first.url}/v1/soundtracks/{long['id']}")["status"] == "running", "the second job")
        family = first.family()
        assert len(family) >= 4  # Redis, the API, the worker and its child
    finally:
        first.stop()
    assert first.process.returncode == 0
    until(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()], "the end of all processes")

    second = Served(data)
    try:
        again = f"{second.url}/v1/soundtracks"
        assert status_of(f"{again}/{made['id']}")["status"] == "succeeded"
        until(lambda: status_of(f"{again}/{long['id']}")["status"] in {"succeeded", "failed"}, "the end of the job")
        job = status_of(f"{again}/{long['id']}")
        assert (job["status"], job["attempt"], job["error"]) == ("succeeded", 1, None)
    finally:
        second.stop()
    assert second.process.returncode == 0
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def curl(*words: str) -> dict[str, object]:
    """What curl prints; without curl on this machine, the same request from httpx."""
    program = shutil.which("curl")
    if program is not None:
        done = subprocess.run([program, "--silent", "--show-error", "--fail", *words], capture_output=True, check=True)
        found: dict[str, object] = json.loads(done.stdout)
        return found
    _, part, url = words
    name, _, path = part.partition("=@")
    with Path(path).open("rb") as file:
        return dict(httpx.post(url, files={name: file}, timeout=30).json())
