"""Logs: one line for each event, as JSON for programs or as text for people, with the request and job it belongs to."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from service.observe.censor import Censor

LogFormat = Literal["auto", "json", "text"]
CONTEXT = ("request_id", "job_id", "tenant")
LOUD = ("uvicorn", "uvicorn.error", "uvicorn.access", "bentoml", "bullmq", "gunicorn")
CHATTY = ("httpx", "httpcore", "botocore", "urllib3", "asyncio", "matplotlib", "PIL")
PROBES = ("GET /livez ", "GET /readyz ", "GET /metrics ")
_context: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("tonereel_log_context", default=())
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


@contextmanager
def bound(*, request_id: str | None = None, job_id: str | None = None, tenant: str | None = None) -> Iterator[None]:
    """Name what is logged in here, in this task and in those that it starts; None leaves a name as it was."""
    given = {"request_id": request_id, "job_id": job_id, "tenant": tenant}
    names = dict(_context.get()) | {name: value for name, value in given.items() if value is not None}
    mark = _context.set(tuple(names.items()))
    try:
        yield
    finally:
        _context.reset(mark)


class LogFormatter(logging.Formatter):
    """Writes a record on one line; fields given as `extra` follow the message, and secrets never show."""

    def __init__(self, *, as_json: bool, censor: Censor) -> None:
        super().__init__()
        self._as_json, self._censor = as_json, censor

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON, or of text followed by a traceback if there is one."""
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        fields = {name: self._censor.field(name, value) for name, value in (dict(_context.get()) | extra).items()}
        message = self._censor.text(record.getMessage())
        trace = self._censor.text(self.formatException(record.exc_info)) if record.exc_info else None
        if not self._as_json:
            return self._text(record, message, fields) + (f"\n{trace}" if trace else "")
        head: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        return json.dumps(head | fields | ({"exception": trace} if trace else {}), ensure_ascii=False, default=str)

    def _text(self, record: logging.LogRecord, message: str, fields: dict[str, object]) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        named = " ".join(f"{name}={value}" for name, value in fields.items())
        one_line = " ".join(message.split())
        return f"{time} {record.levelname.lower():<7} {record.name}: {one_line}" + (f"  {named}" if named else "")


def set_up_logs(*, level: str = "info", format: LogFormat = "auto", secrets: Iterable[str] = ()) -> None:
    """Send every logger of this process, ours and the libraries', to stderr through one formatter.

    Args:
        level: the least level that is written.
        format: `auto` is text on a terminal and JSON elsewhere.
        secrets: values that must never show, such as the password of Redis.
    """
    as_json = format == "json" or (format == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler()  # stderr
    handler.setFormatter(LogFormatter(as_json=as_json, censor=Censor(secrets)))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in LOUD:  # they bring handlers of their own
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate, logger.level = True, logging.NOTSET
    access = logging.getLogger("uvicorn.access")
    access.filters[:] = [_is_no_probe]
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_no_probe(record: logging.LogRecord) -> bool:
    """Whether a line tells of more than a look at the service's health, of which there are many."""
    message = record.getMessage()
    return not any(probe in message for probe in PROBES)
