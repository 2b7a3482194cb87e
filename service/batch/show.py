"""What a run shows: one bar on a terminal, a line for each item elsewhere, or nothing."""

from pathlib import PurePath
from typing import TextIO

from tqdm import tqdm

from service.batch.journal import Entry

BAR_FORMAT = "{n_fmt}/{total_fmt} |{bar:28}| {elapsed}{postfix}"
MAX_STAGES = 3


class Silent:
    """Shows nothing."""

    def begun(self, id_: str) -> None:
        """Say nothing."""

    def said(self, id_: str, stage: str) -> None:
        """Say nothing."""

    def finished(self, entry: Entry, *, kept: bool) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class Lines(Silent):
    """One line for each item that ends; of those that ended in an earlier run only the failed ones."""

    def __init__(self, total: int, out: TextIO) -> None:
        self._total, self._out, self._count = total, out, 0

    def finished(self, entry: Entry, *, kept: bool) -> None:
        """Say how it ended."""
        self._count += 1
        if not kept or not entry.is_done:
            print(f"[{self._count}/{self._total}] {told(entry)}", file=self._out, flush=True)


class Bar:
    """One bar over all items that names the stages at work; failed items are told above it."""

    def __init__(self, total: int, out: TextIO) -> None:
        self._stages: dict[str, str] = {}
        self._bar: tqdm[object] = tqdm(
            (), total=total, bar_format=BAR_FORMAT, leave=False, file=out, dynamic_ncols=True
        )

    def begun(self, id_: str) -> None:
        """Name it."""
        self.said(id_, "start")

    def said(self, id_: str, stage: str) -> None:
        """Name its stage."""
        self._stages[id_] = stage
        self._draw()

    def finished(self, entry: Entry, *, kept: bool) -> None:
        """Move on."""
        del kept
        self._stages.pop(entry.id, None)
        if not entry.is_done:
            self._bar.write(told(entry), file=self._bar.fp)
        self._bar.update()
        self._draw()

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()

    def _draw(self) -> None:
        words = [f"{id_}: {stage}" for id_, stage in list(self._stages.items())[:MAX_STAGES]]
        self._bar.set_postfix_str("  ".join(words))


def told(entry: Entry) -> str:
    """How an item ended, on one line."""
    if entry.problem is not None:
        return f"FAIL  {entry.id}: {' '.join(entry.problem.detail.split())}"
    files = ", ".join(PurePath(f.path).name for f in entry.outputs if f.kind in {"audio", "video"})
    if entry.figures is None:
        return f"ok    {files}"
    figures = entry.figures
    return f"ok    {files}: {figures.duration_s:.1f} s, {figures.key}, {figures.tempo_bpm:.0f} bpm, {figures.style}"
