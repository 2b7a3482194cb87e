"""Programs are started again, stopped in order, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from service.serve.program import Keeper, Program

DEADLINE_S = 15.0


def a_program(code: str, *words: object, stop_s: float = 10.0) -> Program:
    command = (sys.executable, "-S", "-c", code, *(str(word) for word in words))
    return Program("test", command, {"PATH": os.environ["PATH"]}, stop_s)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not true():
            await asyncio.sleep(0.01)


def kept(program: Program, then: Callable[[Keeper], Awaitable[None]], *, hurry: bool = False) -> Keeper:
    async def run() -> Keeper:
        keeper, hurried = Keeper(program, first_wait_s=0.01), asyncio.Event()
        keeper.start()
        try:
            await then(keeper)
        finally:
            if hurry:
                hurried.set()
            await keeper.stop(hurried)
        return keeper

    return asyncio.run(run())


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


SAY = "import os,sys,time; open(sys.argv[1],'a').write(f'{os.getpid()}\\n')"


def test_a_program_that_ends_is_started_again_and_counted(tmp_path: Path) -> None:
    async def three_runs(keeper: Keeper) -> None:
        await until(lambda: keeper.failures >= 3)

    keeper = kept(a_program(SAY + "; sys.exit(7)", tmp_path / "pids"), three_runs)
    assert len(set(lines(tmp_path / "pids"))) >= 3
    assert keeper.code == 7


def test_a_program_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async def kill_it(keeper: Keeper) -> None:
        await until(lambda: len(lines(tmp_path / "pids")) == 1)
        os.kill(int(lines(tmp_path / "pids")[0]), signal.SIGKILL)
        await until(lambda: len(lines(tmp_path / "pids")) == 2)

    kept(a_program(SAY + "; time.sleep(600)", tmp_path / "pids"), kill_it)
    assert not any(is_alive(int(pid)) for pid in lines(tmp_path / "pids"))


def test_a_program_ends_its_work_before_it_stops(tmp_path: Path) -> None:
    code = (
        "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), "
        "open(sys.argv[1],'a').write('ended'), sys.exit(0))); open(sys.argv[2],'w').write('up'); time.sleep(600)"
    )

    async def is_up(keeper: Keeper) -> None:
        await until(lambda: bool(lines(tmp_path / "up")))

    keeper = kept(a_program(code, tmp_path / "work", tmp_path / "up"), is_up)
    assert lines(tmp_path / "work") == ["ended"]
    assert keeper.failures == 0


DEAF = "import signal,sys,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SAY + "; time.sleep(600)"


def test_a_deaf_program_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    async def is_up(keeper: Keeper) -> None:
        await until(lambda: bool(lines(tmp_path / "pids")))

    assert kept(a_program(DEAF, tmp_path / "pids", stop_s=0.1), is_up).code == -signal.SIGKILL


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    async def is_up(keeper: Keeper) -> None:
        await until(lambda: bool(lines(tmp_path / "pids")))

    began = time.monotonic()
    kept(a_program(DEAF, tmp_path / "pids", stop_s=600), is_up, hurry=True)
    assert time.monotonic() - began < DEADLINE_S


PARENT = (
    "import subprocess,sys,time; p=subprocess.Popen([sys.executable,'-S','-c','import time; time.sleep(600)']); "
    "open(sys.argv[1],'a').write(f'{p.pid}\\n'); time.sleep(600)"
)


def test_what_a_killed_program_started_is_killed_too(tmp_path: Path) -> None:
    async def kill_it(keeper: Keeper) -> None:
        await until(lambda: len(lines(tmp_path / "pids")) == 1)
        os.kill(keeper.pid or 0, signal.SIGKILL)
        await until(lambda: not is_alive(int(lines(tmp_path / "pids")[0])))

    keeper = kept(a_program(PARENT, tmp_path / "pids"), kill_it)
    assert keeper.failures == 1
    assert not is_alive(int(lines(tmp_path / "pids")[0]))


def test_a_program_that_stops_while_it_waits_to_start_again_stops_at_once() -> None:
    async def wait(keeper: Keeper) -> None:
        await until(lambda: keeper.failures >= 1)

    began = time.monotonic()
    kept(a_program("raise SystemExit(1)"), wait)
    assert time.monotonic() - began < DEADLINE_S


def test_programs_die_with_a_keeper_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio,sys; from service.serve.program import Keeper, Program\n"
        "async def run():\n"
        "    k = Keeper(Program('x', (sys.executable, '-S', '-c', sys.argv[1], sys.argv[2]), {}))\n"
        "    k.start(); await asyncio.sleep(600)\n"
        "asyncio.run(run())"
    )
    keeper = subprocess.Popen([sys.executable, "-c", code, SAY + "; time.sleep(600)", str(tmp_path / "pids")])
    asyncio.run(until(lambda: len(lines(tmp_path / "pids")) == 1))
    (program,) = (int(line) for line in lines(tmp_path / "pids"))
    assert is_alive(program)
    keeper.kill()
    keeper.wait()
    asyncio.run(until(lambda: not is_alive(program)))
    assert not is_alive(program)
