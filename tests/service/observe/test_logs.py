"""One line for each event, in JSON or text, with its request and job, without secrets."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from service.observe.censor import HIDDEN, Censor
from service.observe.logs import LOUD, LogFormatter, bound, set_up_logs

log = logging.getLogger("tonereel.test")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.root
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def a_record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    return log.makeRecord(log.name, logging.INFO, __file__, 1, message, args, None, extra=extra)


def as_json(record: logging.LogRecord, known: tuple[str, ...] = ()) -> dict[str, object]:
    line = LogFormatter(as_json=True, censor=Censor(known)).format(record)
    assert "\n" not in line
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_of_json_says_when_how_bad_who_and_what() -> None:
    line = as_json(a_record("took %d jobs", 3, seconds=1.5))
    assert (line["level"], line["logger"], line["message"], line["seconds"]) == (
        "info",
        "tonereel.test",
        "took 3 jobs",
        1.5,
    )
    assert str(line["time"]).endswith("+00:00")


def test_what_is_logged_within_a_request_carries_its_names() -> None:
    with bound(request_id="req_1"), bound(job_id="st_1", tenant="t"):
        inside = as_json(a_record("x"))
    assert (inside["request_id"], inside["job_id"], inside["tenant"]) == ("req_1", "st_1", "t")
    assert "request_id" not in as_json(a_record("x"))


def test_two_tasks_do_not_share_their_names() -> None:
    async def one(name: str) -> object:
        with bound(job_id=name):
            await asyncio.sleep(0)
            return as_json(a_record("x"))["job_id"]

    async def both() -> list[object]:
        return list(await asyncio.gather(one("st_a"), one("st_b")))

    assert asyncio.run(both()) == ["st_a", "st_b"]


def test_a_secret_shows_neither_in_the_message_nor_in_a_field_nor_in_a_traceback() -> None:
    error = ValueError("cannot reach redis://:hunter2hunter@cache")
    record = a_record("sk_0123456789abcdef", secret="x")
    record.exc_info = (ValueError, error, None)
    line = json.dumps(as_json(record))
    assert "hunter2" not in line
    assert "0123456789abcdef" not in line
    assert line.count(HIDDEN) == 3


def test_text_is_for_people_and_stays_on_one_line() -> None:
    with bound(job_id="st_1"):
        line = LogFormatter(as_json=False, censor=Censor()).format(a_record("a\nb"))
    assert line.endswith("info    tonereel.test: a b  job_id=st_1")


def test_libraries_write_through_the_same_formatter() -> None:
    for name in LOUD:
        logging.getLogger(name).addHandler(logging.StreamHandler())
    set_up_logs(format="json")
    assert len(logging.root.handlers) == 1
    for name in LOUD:
        assert logging.getLogger(name).handlers == []
        assert logging.getLogger(name).propagate


def test_a_process_without_a_terminal_writes_json() -> None:
    code = (
        "import logging, warnings; from service.observe.logs import set_up_logs; "
        "set_up_logs(secrets=['plainword']); logging.getLogger('uvicorn.error').info('plainword'); warnings.warn('w')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["logger"] for line in lines] == ["uvicorn.error", "py.warnings"]
    assert lines[0]["message"] == HIDDEN


def test_looks_at_the_health_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(format="json")
    access = logging.getLogger("uvicorn.access")
    for path in ("/readyz", "/livez", "/metrics", "/v1/models"):
        access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", 200)
    (line,) = capsys.readouterr().err.splitlines()
    assert "/v1/models" in line
