"""Laws of a crew: results come in order from any number of workers, and errors come with them."""

import os
from collections.abc import Iterator

import pytest

from training.audio.crew import Crew, cores


def _ten() -> int:
    return 10


def _add(kit: int, task: int) -> tuple[int, int]:
    return kit + task, os.getpid()


def _divide(kit: int, task: int) -> float:
    return kit / task


def _counted(upto: int, taken: list[int]) -> Iterator[int]:
    for i in range(upto):
        taken.append(i)
        yield i


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_tasks(workers: int) -> None:
    made = list(Crew(_ten, workers).map(_add, range(20)))

    assert [value for value, _ in made] == list(range(10, 30))
    assert (os.getpid() in {pid for _, pid in made}) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_tasks_are_taken_as_they_are_needed(workers: int) -> None:
    taken: list[int] = []
    results = Crew(_ten, workers).map(_add, _counted(100, taken))

    next(results)
    results.close()  # type: ignore[attr-defined]

    assert len(taken) < 10


@pytest.mark.parametrize("workers", [1, 2])
def test_what_goes_wrong_is_told(workers: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(Crew(_ten, workers).map(_divide, [1, 0]))


def test_there_is_a_core() -> None:
    assert cores() >= 1
