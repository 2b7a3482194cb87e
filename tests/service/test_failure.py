"""Every error has its row in the table."""

import importlib
import pkgutil

import pytest

import service
from encoders.errors import EncoderError, MediaTooLarge
from generators.errors import BadWeights, GeneratorError
from service.errors import BadMarkers, ServiceError
from service.failure import BAD_INPUT, ENGINE_FAILURE, FAILURES, UNEXPECTED, failure_of, one_line


def every_kind_of(error: type[Exception]) -> set[type[Exception]]:
    return {error}.union(*(every_kind_of(sub) for sub in error.__subclasses__()))


def test_every_module_that_holds_errors_is_known_to_the_table() -> None:
    names = [
        m.name for m in pkgutil.walk_packages(service.__path__, "service.") if m.name.endswith((".errors", ".port"))
    ]
    assert len(names) > 5
    for name in names:
        for error in vars(importlib.import_module(name)).values():
            if isinstance(error, type) and issubclass(error, ServiceError):
                assert error in FAILURES, f"{error} has no row in service/failure.py"


@pytest.mark.parametrize("root", [ServiceError, EncoderError, GeneratorError])
def test_every_error_of_ours_is_in_the_table(root: type[Exception]) -> None:
    assert every_kind_of(root) <= set(FAILURES)


def test_problem_types_are_not_used_twice() -> None:
    assert len({f.slug for f in FAILURES.values()}) == len(FAILURES)


def test_bad_input_and_a_broken_engine_have_different_exit_codes() -> None:
    assert failure_of(BadMarkers("x")).exit_code == failure_of(MediaTooLarge("x")).exit_code == BAD_INPUT
    assert failure_of(BadWeights("x")).exit_code == ENGINE_FAILURE
    assert failure_of(ValueError("x")) is UNEXPECTED


def test_a_message_is_one_line() -> None:
    assert one_line(ValueError("a\n  b")) == "a b"
    assert one_line(ValueError()) == "ValueError"
