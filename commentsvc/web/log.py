"""The log: a JSON object a line, on standard error. What may stand in it is named, not filtered."""

from __future__ import annotations

import logging
import sys

import structlog
from flask import Flask, request

from commentsvc.http_terms import ROUTE


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


def install(app: Flask) -> None:
    """Tell the access log which route answered: its pattern, never the address that was asked for."""

    @app.before_request
    def name_route() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else None
