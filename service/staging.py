"""Outputs appear all together or not at all: each is written beside its place and moved there at the end."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from service.errors import OutputUnwritable


class Staging:
    """A set of outputs in the making; leaving the `with` block without `publish` leaves no trace of them."""

    def __init__(self) -> None:
        self._staged: dict[Path, Path] = {}
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self._staged.values():
            part.unlink(missing_ok=True)
        for folder in reversed(self._made):
            if not any(folder.iterdir()):
                folder.rmdir()

    def path(self, final: Path) -> Path:
        """The path to write now what shall be at `final` later; made at once, so that a bad place shows early.

        Raises:
            OutputUnwritable: when nothing can be written there.
        """
        final = final.absolute()
        if final in self._staged:
            return self._staged[final]
        if final.is_dir():
            raise OutputUnwritable(f"{final}: is a folder; give the name of a file")
        if final.exists() and not os.access(final, os.W_OK):
            raise OutputUnwritable(f"{final}: is write-protected; choose another name")
        try:
            handle, name = tempfile.mkstemp(prefix=f".{final.stem}.", suffix=f".part{final.suffix}", dir=final.parent)
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise OutputUnwritable(f"{final}: cannot be written ({reason}); choose a folder that exists") from exc
        os.close(handle)
        self._staged[final] = Path(name)
        return self._staged[final]

    def folder(self, final: Path) -> Path:
        """Make a folder for outputs, and its parents, that goes away again when nothing is published in it.

        Raises:
            OutputUnwritable: when it cannot be made.
        """
        final = final.absolute()
        missing = [p for p in (final, *final.parents) if not p.exists()]
        try:
            for folder in reversed(missing):
                folder.mkdir()
                self._made.append(folder)
        except OSError as exc:
            raise OutputUnwritable(f"{final}: cannot be made ({exc.strerror}); choose another folder") from exc
        if not final.is_dir():
            raise OutputUnwritable(f"{final}: is a file; give the name of a folder")
        return final

    def publish(self) -> tuple[Path, ...]:
        """Move every output to its place and return the places.

        Raises:
            OutputUnwritable: when a place cannot be written after all.
        """
        umask = os.umask(0)
        os.umask(umask)
        done = []
        for final, part in list(self._staged.items()):
            try:
                part.chmod(0o666 & ~umask)  # temporary files are private, published ones are like any other
                part.replace(final)
            except OSError as exc:
                raise OutputUnwritable(f"{final}: cannot be written ({exc.strerror}); choose another name") from exc
            del self._staged[final]
            done.append(final)
        self._made.clear()
        return tuple(done)
