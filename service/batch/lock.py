"""A lock on a folder that ends with the process that holds it, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import OutputUnwritable

NAME = ".tonereel-batch.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make a folder and hold it alone.

    Raises:
        OutputUnwritable: when it cannot be written, or another run holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as exc:
        raise OutputUnwritable(f"{folder}: cannot be written ({exc.strerror}); choose another folder") from exc
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            by = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise OutputUnwritable(
                f"{folder}: another batch (process {by}) is writing here; wait until it ends, or choose another folder"
            ) from exc
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)  # the file stays: removing it would let two runs lock two files of the same name
