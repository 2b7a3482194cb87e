"""Engines for children of tests: they make a text file, and behave badly where the caption of a task says so.

Words of a caption: `crash` kills the process, `raise` raises out of the engine, `deaf` never says anything for long,
`slow` works in many short stages, `poison` crashes, `hold` holds the interpreter's lock, `refuse` is bad input,
`print` prints, `forget` gives no outcome, `escape` names a file that is not its own.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from generators.errors import BadWeights
from service.errors import BadInput
from service.worker.problem import problem_of
from service.worker.task import Made, Outcome, Say, Task

LONG_S = 60.0
STAGES = 1_200


def words_of(task: Task) -> set[str]:
    return {word for source in task.request.sources for word in getattr(source, "text", "").split()}


class QuickEngine:
    """Makes `soundtrack.wav`, which holds the seed, and counts the runs of a job beside the scratch folder."""

    def warm(self) -> str:
        return "quick 1"

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        for task in tasks:
            say(task.job_id, "compose", 0.5)
            words = words_of(task)
            count_run(task, together=len(tasks))
            if outcome := self._behave(task, words, say):
                yield outcome
            elif "forget" not in words:
                yield made(task)

    def _behave(self, task: Task, words: set[str], say: Say) -> Outcome | None:
        if words & {"crash", "poison"}:
            os.kill(os.getpid(), signal.SIGKILL)
        if "raise" in words:
            raise RuntimeError("out of the engine")
        if "deaf" in words:
            time.sleep(LONG_S)
        if "hold" in words:
            ctypes.PyDLL(None).usleep(2_500_000)  # PyDLL keeps the interpreter's lock
        if "slow" in words:
            for stage in range(STAGES):
                say(task.job_id, "render", stage / STAGES)
                time.sleep(0.01)
        if "print" in words:
            sys.stdout.write("a line of the engine\n")
            sys.stdout.flush()
        if "refuse" in words:
            problem = problem_of(BadInput(f"{task.folder}/x: is not music; give music"), task.folder)
            return Outcome(task.job_id, problem=problem)
        if "escape" in words:
            return Outcome(task.job_id, made=(Made(Path("/etc/hostname"), "audio", 1, "audio/wav"),))
        return None


class BrokenEngine:
    """Its weights are not as they should be."""

    def warm(self) -> str:
        raise BadWeights("flow.safetensors: has changed since it was shipped; restore it")

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        yield from ()


class DyingEngine:
    """The process dies while it loads."""

    def warm(self) -> str:
        os.kill(os.getpid(), signal.SIGKILL)
        return ""

    def run(self, tasks: Sequence[Task], say: Say) -> Iterator[Outcome]:
        yield from ()


def made(task: Task) -> Outcome:
    path = task.folder / "soundtrack.wav"
    path.write_bytes(b"music %d" % task.request.seed)
    return Outcome(task.job_id, made=(Made(path, "audio", 1, "audio/wav"),))


def runs_file(data_dir: Path) -> Path:
    return data_dir / "runs.txt"


def count_run(task: Task, *, together: int) -> None:
    data_dir = next(p.parent for p in task.folder.parents if p.name == "scratch")
    with runs_file(data_dir).open("a") as file:
        file.write(f"{task.job_id} {together}\n")
