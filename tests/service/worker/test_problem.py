"""Every problem that a job may end with has one name, written alike, and tells nothing of the machine."""

import re
from pathlib import Path

import pytest

from schemas.problem import TYPE, Problem
from service.errors import BadMedia
from service.failure import FAILURES, UNEXPECTED
from service.jobs.records import corrupt_problem, crashed_problem
from service.worker.problem import crashed, problem_of, silent, timed_out

WITHOUT_ERROR = (crashed(), timed_out(9.5), silent(), crashed_problem(3), corrupt_problem("cut off"))


@pytest.mark.parametrize("problem", WITHOUT_ERROR, ids=lambda problem: problem.title)
def test_a_problem_without_an_error_has_a_name_like_all_others(problem: Problem) -> None:
    names = {failure.slug for failure in (*FAILURES.values(), UNEXPECTED)}
    assert problem.code is not None
    assert problem.type == TYPE + problem.code
    assert problem.code not in names
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in (problem.code, *names))


def test_a_death_seen_by_the_supervisor_is_called_as_one_seen_by_the_queue() -> None:
    assert crashed().code == crashed_problem(3).code


def test_only_faults_of_the_service_are_worth_another_try() -> None:
    assert not problem_of(BadMedia("a file is broken")).retryable
    assert problem_of(RuntimeError("broken")).retryable


def test_a_problem_names_neither_folders_nor_what_was_not_foreseen() -> None:
    folder = Path("/srv/scratch/st_1")
    assert problem_of(BadMedia(f"{folder}/video-1: is empty"), folder).detail == "video-1: is empty"
    assert "secret" not in problem_of(KeyError("secret"), folder).detail
