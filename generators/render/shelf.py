"""Where the stems of long pieces wait: in memory while they are few, else in unnamed temporary files."""

import mmap
import tempfile

import numpy as np

from generators.render.tone import Floats


class StemShelf:
    """Keeps stems within a budget of memory; what lies in files is an ordinary array all the same."""

    def __init__(self, memory_bytes: int) -> None:
        self._left = memory_bytes
        self._files: list[mmap.mmap] = []

    def keep(self, stem: Floats) -> Floats:
        """The same samples, in memory or, once that is used up, mapped from a file that nobody else can see."""
        self._left -= stem.nbytes
        if self._left >= 0 or not stem.nbytes:
            return stem
        with tempfile.TemporaryFile() as file:
            file.truncate(stem.nbytes)
            pages = mmap.mmap(file.fileno(), stem.nbytes)
        self._files.append(pages)
        kept = np.frombuffer(pages, np.float32).reshape(stem.shape)
        kept[:] = stem
        self.rest()
        return kept

    def rest(self) -> None:
        """Write changes out and give the memory of all pages back until they are read again."""
        for pages in self._files:
            pages.flush()
            if hasattr(mmap, "MADV_DONTNEED"):
                pages.madvise(mmap.MADV_DONTNEED)
