"""Folders for the files of running jobs, under one that is locked while its worker lives and swept when it does not."""

import fcntl
import os
import shutil
from pathlib import Path

from service.errors import OutputUnwritable

LOCK_SUFFIX = ".lock"


class Scratch:
    """A worker's own folder; the lock ends with the process, so that no clock and no process id is trusted."""

    def __init__(self, root: Path, worker: str) -> None:
        self._root = root.absolute()
        self._lock = self._root / (worker + LOCK_SUFFIX)
        self._folder = self._root / worker
        self._handle: int | None = None

    def open(self) -> tuple[str, ...]:
        """Make the folder and remove those of dead workers, which are named.

        Raises:
            OutputUnwritable: when nothing can be written there.
        """
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            while self._handle is None:
                self._handle = _locked(self._lock, wait=True)  # a sweeper may have it for a moment
            self._folder.mkdir(mode=0o700)
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise OutputUnwritable(f"{self._root}: no scratch folder ({reason}); set TONEREEL_DATA_DIR") from exc
        return tuple(name for name in sorted(self._others()) if self._sweep(name))

    def folder(self, name: str) -> Path:
        """A fresh folder."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _others(self) -> set[str]:
        return {p.name.removesuffix(LOCK_SUFFIX) for p in self._root.iterdir()} - {self._folder.name}

    def _sweep(self, name: str) -> bool:
        lock = self._root / (name + LOCK_SUFFIX)
        try:
            handle = _locked(lock)
        except OSError:  # its worker lives
            return False
        shutil.rmtree(self._root / name, ignore_errors=True)
        lock.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)
        return True


def _locked(path: Path, *, wait: bool = False) -> int | None:
    """A handle on a file that this process alone has locked; None when the file was removed meanwhile.

    Raises:
        OSError: when another process has locked it and there is no `wait`.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        raise
    try:
        if path.stat().st_ino == os.fstat(handle).st_ino:
            return handle
    except FileNotFoundError:
        pass
    os.close(handle)
    return None
