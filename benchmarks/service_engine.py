"""An engine that makes no music: it costs nothing, or behaves badly, as the caption of a job says.

Words of a caption: `work=0.2` works so many seconds in stages of 20 ms, `deaf=60` says nothing for so long, `crash`
kills the child, `murder` kills its supervisor. Every start of a job is written, with its moment, to the file that
TONEREEL_BENCHMARK_STARTS names.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.worker.task import Made, Outcome, Say, Task

STARTS = "TONEREEL_BENCHMARK_STARTS"
STAGE_S = 0.02


class BenchmarkEngine:
    """Makes a file that says which process made it."""

    def warm(self) -> str:
        """There is nothing to load."""
        return "no-op 1"

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        """One task after the other."""
        for task in tasks:
            say(task.job_id, "work", 0.0)
            _note_start(task)
            _behave(task, say)
            path = task.folder / "soundtrack.wav"
            path.write_bytes(b"%s made by %d" % (task.job_id.encode(), os.getpid()))
            yield Outcome(task.job_id, made=(Made(path, "audio", 1, "audio/wav"),))


def words_of(task: Task) -> dict[str, float]:
    """The words of a task's captions and their numbers, 0 where there is none."""
    words: dict[str, float] = {}
    for source in task.request.sources:
        for word in getattr(source, "text", "").split():
            name, _, number = word.partition("=")
            words[name] = float(number or 0)
    return words


def _behave(task: Task, say: Say) -> None:
    words = words_of(task)
    if "crash" in words:
        os.kill(os.getpid(), signal.SIGKILL)
    if "murder" in words:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60.0)  # we die with it
    if "deaf" in words:
        time.sleep(words["deaf"])
    began = time.monotonic()
    while (worked := time.monotonic() - began) < words.get("work", 0.0):
        say(task.job_id, "work", worked / words["work"])
        time.sleep(STAGE_S)


def _note_start(task: Task) -> None:
    with Path(os.environ[STARTS]).open("a", encoding="utf-8") as file:  # one short write: lines do not mix
        file.write(f"{time.monotonic():.4f} {task.job_id} {os.getpid()}\n")
