"""The log: a JSON object a line, on standard error. What may stand in it is named, not filtered."""

from __future__ import annotations

import logging
import sys
import traceback
from errno import errorcode

import structlog


def configure() -> None:
    """Write the log as JSON lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    ours = logging.getLogger("commentsvc")
    if not ours.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        ours.addHandler(handler)
        ours.setLevel(logging.INFO)
        ours.propagate = False


def log_fault(error: Exception, route: str | None) -> None:
    """Say in the log where an error happened, and never its message: that may quote what somebody typed."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    driver = getattr(error, "orig", error)  # of the database; it names the error and quotes nobody
    code = (
        getattr(driver, "sqlite_errorname", None)
        or getattr(driver, "sqlstate", None)
        or errorcode.get(getattr(driver, "errno", None) or 0)
    )
    structlog.get_logger("commentsvc.errors").error(
        "error", kind=type(error).__name__, code=code, route=route, frames=frames[-12:]
    )
