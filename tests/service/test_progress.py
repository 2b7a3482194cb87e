"""Stages are timed and told to whoever watches."""

from itertools import count

import pytest

from service.progress import Silent, Stages


class Listener(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.over = 0

    def started(self, stage: str, done: int, total: int) -> None:
        self.told.append((stage, done, total))

    def finished(self) -> None:
        self.over += 1


def test_stages_are_told_in_order_and_times_of_one_name_add_up() -> None:
    listener, ticks = Listener(), count()
    stages = Stages(listener, 3, clock=lambda: float(next(ticks)))
    for name in ("look", "write", "write"):
        with stages.stage(name):
            pass
    assert listener.told == [("look", 0, 3), ("write", 1, 3), ("write", 2, 3)]
    assert [(s.name, s.seconds) for s in stages.report()] == [("look", 1.0), ("write", 2.0)]
    assert stages.seconds == 3.0


def test_the_end_is_told_once_even_after_a_failure() -> None:
    listener = Listener()
    stages = Stages(listener, 1, clock=lambda: 0.0)
    with pytest.raises(KeyError), stages, stages.stage("look"):
        raise KeyError
    assert listener.over == 1
