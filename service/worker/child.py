"""The child: a process that keeps an engine warm, makes what comes over the pipe, and dies with its parent."""

import ctypes
import importlib
import logging
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import cast

from service.failure import UNEXPECTED, failure_of, one_line
from service.worker import wire
from service.worker.problem import silent
from service.worker.task import Engine, Outcome, Stopped, Task

PR_SET_PDEATHSIG = 1  # linux/prctl.h
UNREADY_EXIT, ORPHAN_EXIT = 4, 0
log = logging.getLogger("tonereel.child")


class Pipe:
    """The child's end: messages go out at once; what comes in is sorted by a thread, so that Stop overtakes Work."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._says, self._hears = wire.from_child(), wire.to_child()
        self._sending = threading.Lock()
        self._work: queue.SimpleQueue[wire.Work] = queue.SimpleQueue()
        self._stopped: set[str] = set()

    def send(self, message: wire.FromChild) -> None:
        """Say something; the process ends when nobody is there to hear it."""
        try:
            with self._sending:
                self._pipe.sendall(self._says.pack(message))
        except OSError:
            os._exit(ORPHAN_EXIT)

    def listen(self) -> None:
        """Begin to take messages."""
        threading.Thread(target=self._listen, name="pipe", daemon=True).start()

    def work(self) -> wire.Work:
        """The next tasks, once there are any."""
        return self._work.get()

    def is_stopped(self, job_id: str) -> bool:
        """Whether a job of the tasks at hand is to stop."""
        return job_id in self._stopped

    def _listen(self) -> None:
        try:
            while (frame := wire.receive_frame(self._pipe)) is not None:
                self._sort(self._hears.unpack(frame))
        finally:
            os._exit(ORPHAN_EXIT)  # the supervisor is gone: nobody wants what is being made

    def _sort(self, message: wire.ToChild) -> None:
        if isinstance(message, wire.Stop):
            self._stopped.add(message.job_id)
        else:
            self._stopped.difference_update(t.job_id for t in message.tasks)  # a Stop for an earlier try came too late
            self._work.put(message)


class Making:
    """One batch: hands tasks to the engine until each has an outcome or was stopped."""

    def __init__(self, engine: Engine, pipe: Pipe) -> None:
        self._engine, self._pipe = engine, pipe
        self._over: set[str] = set()

    def make(self, tasks: tuple[Task, ...]) -> None:
        """Make them all; an error that the engine lets out ends the process."""
        left = tasks
        while left:
            try:
                for outcome in self._engine.run(left, self._say):
                    self._end(outcome)
                break
            except Stopped:
                left = self._left(left)
        for task in self._left(left):
            self._end(Outcome(task.job_id, problem=silent(), retry=True))

    def _left(self, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        return tuple(t for t in tasks if t.job_id not in self._over)

    def _end(self, outcome: Outcome) -> None:
        self._over.add(outcome.job_id)
        self._pipe.send(wire.Ended(outcome))

    def _say(self, job_id: str, stage: str, fraction: float) -> None:
        if self._pipe.is_stopped(job_id):
            if job_id not in self._over:
                self._over.add(job_id)
                self._pipe.send(wire.Halted(job_id))
            raise Stopped(job_id)
        self._pipe.send(wire.Said(job_id, stage, fraction))


def engine_of(dotted: str) -> Engine:
    """The engine that a path such as `service.worker.score:ScoreEngineHost` names."""
    module, _, name = dotted.partition(":")
    build = cast(Callable[[], Engine], getattr(importlib.import_module(module), name))
    return build()


def serve(dotted: str, pipe: Pipe) -> None:
    """Warm the engine, say so, and make what comes, for good."""
    try:
        engine = engine_of(dotted)
        label = engine.warm()
    except Exception as exc:  # whatever it is, the supervisor must hear why there is no engine
        failure = failure_of(exc)
        log.exception("the engine %s cannot be used", dotted, exc_info=failure is UNEXPECTED)
        pipe.send(wire.Unready(failure.slug, one_line(exc)))
        sys.exit(UNREADY_EXIT)
    pipe.send(wire.Ready(label))
    while True:
        work = pipe.work()
        Making(engine, pipe).make(work.tasks)
        pipe.send(wire.Idle())


def die_with(parent: int) -> None:
    """Be killed when the supervisor ends, however it ends; only it decides about signals from a terminal or a group."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(ORPHAN_EXIT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def main(arguments: list[str]) -> None:
    """Run as `python -m service.worker.child ENGINE FD PARENT`."""
    dotted, handle, parent = arguments
    die_with(int(parent))
    os.set_inheritable(int(handle), False)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    pipe = Pipe(socket.socket(fileno=int(handle)))
    pipe.listen()
    serve(dotted, pipe)


if __name__ == "__main__":
    main(sys.argv[1:])
