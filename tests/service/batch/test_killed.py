"""Runs that are killed or interrupted go on where they were."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.batch.batch import WORK
from service.batch.journal import NAME
from tests.service.batch.conftest import Desk

ITEMS = 12
PROGRAM = """
import signal
import sys
from pathlib import Path
from service.batch.main import Wish, run_batch
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have set it aside
manifest, out, engine = sys.argv[1:]
sys.exit(run_batch(Wish(Path(manifest), Path(out), is_quiet=True, engine=engine)))
"""


def started(desk: Desk, engine: str) -> subprocess.Popen[bytes]:
    lines: list[dict[str, object]] = [{"id": str(n), "caption": "slow"} for n in range(ITEMS)]
    desk.write(*lines)
    command = [sys.executable, "-c", PROGRAM, str(desk.manifest), str(desk.out), engine]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=subprocess.PIPE
    )


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def finished(desk: Desk) -> int:
    journal = desk.out / NAME
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_goes_on_and_makes_nothing_twice(desk: Desk, how: signal.Signals) -> None:
    run = started(desk, desk.wish().engine)
    until(lambda: finished(desk) >= 2)
    run.send_signal(how)
    _, said = run.communicate(timeout=60)
    if how is signal.SIGINT:
        assert run.returncode == 130
        assert b"run the same command again" in said
        assert not (desk.out / WORK).exists()
    survived = finished(desk)
    assert 2 <= survived < ITEMS
    assert not [name for name in desk.files() if "half" in name and not name.startswith(WORK)]
    first = desk.tried()
    assert desk.run() == 0
    assert not (desk.out / WORK).exists()
    assert len(desk.tried()) == ITEMS - survived
    assert survived <= len(first) <= survived + 1
    assert {f"{n}.wav" for n in range(ITEMS)} <= desk.files()
    assert {row["status"] for row in desk.rows().values()} == {"done"}


def test_workers_die_with_a_run_that_is_killed(desk: Desk) -> None:
    run = started(desk, desk.wish().engine)
    until(lambda: finished(desk) >= 1)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="ascii").split()
    assert children
    run.kill()
    run.communicate(timeout=60)
    until(lambda: not any(_is_alive(int(pid)) for pid in children))


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
