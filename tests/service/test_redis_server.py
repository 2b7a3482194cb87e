"""The embedded server: durable, alone in its folder, and gone with its owner."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from service.jobs.errors import QueueUnavailable
from service.redis_server import SOCKET_PATH_MAX, EmbeddedRedis

DEADLINE_S = 10.0


def client(server: EmbeddedRedis) -> Redis:
    return Redis.from_url(server.url, decode_responses=True)


def test_it_answers_on_its_socket_only_and_keeps_everything(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "redis") as server, client(server) as redis:
        wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""}
        told = redis.config_get("*")
        assert isinstance(told, dict)
        assert {name: told[name] for name in wanted} == wanted
        assert told["port"] == "0"
        assert (tmp_path / "redis" / "redis.sock").stat().st_mode & 0o777 == 0o700


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        with client(server) as redis:
            for i in range(500):
                redis.set(f"k{i}", i)
        address = server.url
        server.kill()
        assert server.pid is None
        server.restart()
        assert server.url == address
        with client(server) as redis:
            assert redis.dbsize() == 500


def test_a_second_server_in_the_folder_is_refused_and_the_first_lives_on(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        with pytest.raises(QueueUnavailable, match="TONEREEL_REDIS_URL"):
            EmbeddedRedis(tmp_path).start()
        with client(server) as redis:
            assert redis.ping()


def test_the_folder_is_free_after_a_stop(tmp_path: Path) -> None:
    for _ in range(2):
        with EmbeddedRedis(tmp_path) as server:
            pid = server.pid
        assert pid is not None
        assert not Path(f"/proc/{pid}").exists()


def test_a_long_folder_name_gets_a_short_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * SOCKET_PATH_MAX)
    with EmbeddedRedis(folder) as server:
        with client(server) as redis:
            assert redis.ping()
        assert len(os.fsencode(server.url)) <= SOCKET_PATH_MAX
        assert (folder / "redis.sock").is_socket()
        short = (folder / "redis.sock").readlink().parent
    assert not short.exists()
    assert not (folder / "redis.sock").is_symlink()


def test_a_folder_with_odd_characters_has_an_address(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "a b%20#?") as server, client(server) as redis:
        assert redis.ping()


def test_a_binary_that_does_not_run_says_what_to_do_instead(tmp_path: Path) -> None:
    broken = tmp_path / "redis-server"
    broken.write_bytes(b"\x7fELFnot a program")
    broken.chmod(0o755)
    for binary in (broken, tmp_path / "missing", Path("/bin/false")):
        with pytest.raises(QueueUnavailable, match="TONEREEL_REDIS_URL"):
            EmbeddedRedis(tmp_path / "redis", binary=binary).start()
    with EmbeddedRedis(tmp_path / "redis"):
        pass


def test_it_warns_once_that_it_is_for_development(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), EmbeddedRedis(tmp_path) as server:
        server.restart()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_no_orphan_stays_when_its_owner_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from service.redis_server import EmbeddedRedis\n"
        "server = EmbeddedRedis(Path(sys.argv[1])); server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    ends_at = time.monotonic() + DEADLINE_S
    while _runs(pid) and time.monotonic() < ends_at:
        time.sleep(0.02)
    assert not _runs(pid)
    with EmbeddedRedis(tmp_path):
        pass


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
