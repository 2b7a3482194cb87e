"""Every error has its row in the table."""

import pytest

from encoders.errors import EncoderError, MediaTooLarge
from generators.errors import BadWeights, GeneratorError
from service.errors import BadMarkers, ServiceError
from service.failure import BAD_INPUT, ENGINE_FAILURE, FAILURES, UNEXPECTED, failure_of, one_line


def every_kind_of(error: type[Exception]) -> set[type[Exception]]:
    return {error}.union(*(every_kind_of(sub) for sub in error.__subclasses__()))


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
