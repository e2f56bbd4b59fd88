"""The log: a JSON object a line, on standard error or in a file. What may stand in it is named, not filtered.

All that writes by Python's `logging` comes here, the server and libraries too; so does what Python itself would say
of an error that nobody caught.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from errno import errorcode
from logging.handlers import WatchedFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from msgspec import json

from commentsvc import request_ids

LEVELS = ("debug", "info", "warning", "error")
OURS = "commentsvc"
ACCESS = "commentsvc.access"
SERVER = "_granian"  # the server's own lines quote nobody
MOST_FRAMES = 12


def configure(level: str = "info", file: Path | None = None, *, access: bool = True) -> None:
    """Write the log as JSON lines: from *level* on, to *file* or else to standard error.

    A file that was moved away is begun again: the handler looks before each line whether it is still there.

    :param access: whether each request that came to the application has a line.
    :raises OSError: the file cannot be written.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request_id,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _ToFile(file) if file else _ToStandardError()
    handler.setFormatter(_AsJson())
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, (_ToFile, _ToStandardError))]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    logging.captureWarnings(True)
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.getLogger(OURS).setLevel(least)
    logging.getLogger(ACCESS).setLevel(logging.NOTSET if access else max(least, logging.WARNING))


def take_uncaught() -> None:
    """Write into the log what Python would write of an error that nobody caught, in any thread."""
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda told: _log_uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _log_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def server_config() -> dict[str, Any]:
    """What to tell the server of logging: its lines come here (a part of `logging.config.dictConfig`)."""
    here = {"handlers": [], "propagate": True}
    return {"formatters": {}, "handlers": {}, "loggers": {SERVER: here, "granian.access": here}}


def log_fault(error: BaseException, route: str | None) -> None:
    """Say in the log where an error happened, and never its message: that may quote what somebody typed."""
    structlog.get_logger("commentsvc.errors").error("error", route=route, **_of_error(error))


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, _traceback: TracebackType | None
) -> None:
    log_fault(kind() if error is None else error, None)


def _of_error(error: BaseException) -> dict[str, Any]:
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    driver = getattr(error, "orig", error)  # of the database; it names the error and quotes nobody
    code = (
        getattr(driver, "sqlite_errorname", None)
        or getattr(driver, "sqlstate", None)
        or errorcode.get(getattr(driver, "errno", None) or 0)
    )
    return {"kind": type(error).__name__, "code": code, "frames": frames[-MOST_FRAMES:]}


def _add_request_id(_logger: Any, _name: str, event: Any) -> Any:
    if "request_id" not in event and (request_id := request_ids.current()):
        event["request_id"] = request_id
    return event


class _AsJson(logging.Formatter):
    """Our own lines are JSON already; of others', the text is told without what would be filled in."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.partition(".")[0] == OURS:
            return record.getMessage()
        line: dict[str, Any] = {
            "event": record.getMessage() if record.name == SERVER else str(record.msg),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info and record.exc_info[1]:
            line |= _of_error(record.exc_info[1])
        line |= getattr(record, "more", {})
        return json.encode(_add_request_id(None, "", line)).decode()


class _ToStandardError(logging.StreamHandler[Any]):
    """Standard error."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)


class _ToFile(WatchedFileHandler):
    """A file, which is looked at before each line; what cannot be written into it goes to standard error."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*; the file may be gone, and its folder with it."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Write *record* to standard error."""
        instead = _ToStandardError()
        instead.setFormatter(self.formatter)
        instead.handle(record)
