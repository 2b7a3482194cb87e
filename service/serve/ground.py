"""Looks, before anything is started, whether this machine lets us: a free port, a folder of our own."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import BadInput, OutputUnwritable

LOCK_NAME = "serve.lock"


def free_port(host: str, port: int) -> int:
    """The port, or one that the system picks for 0.

    Raises:
        BadInput: the port is taken or not ours to use, or the address is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
            return int(listener.getsockname()[1])
    except OSError as exc:
        raise BadInput(
            f"cannot listen on {host} port {port}: {exc.strerror or exc}; give another --port or --host, "
            "or stop what uses it"
        ) from exc


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """Make a folder if there is none, and hold it: nobody else serves from it meanwhile.

    Yields:
        its absolute path.

    Raises:
        OutputUnwritable: it cannot be made or written.
        BadInput: another process serves from it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        detail = exc.strerror or exc
        raise OutputUnwritable(f"cannot write to {folder}: {detail}; give another folder with --data-dir") from exc
    with os.fdopen(descriptor, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            who = lock.read().strip() or "another process"
            raise BadInput(
                f"{folder} is served by {who} already; stop it, or give another folder with --data-dir"
            ) from exc
        lock.seek(0)
        lock.truncate()
        lock.write(f"process {os.getpid()}\n")
        lock.flush()
        yield folder.resolve()
