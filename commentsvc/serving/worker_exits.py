"""Why a worker process ended, told in the line with which the server says that it did."""

from __future__ import annotations

import logging
import re
import signal
from typing import Any

from commentsvc.log import SERVER

_NAMES_WORKER = re.compile(r"Unexpected exit from worker-(\d+)").fullmatch


class TellsWhy(logging.Filter):
    """Adds to the line about a worker that ended the signal that ended it, or else its exit code."""

    def __init__(self, server: Any) -> None:
        super().__init__()
        self._server = server

    def filter(self, record: logging.LogRecord) -> bool:
        """Let *record* pass, with what is known."""
        if named := _NAMES_WORKER(record.getMessage()):
            index = int(named[1]) - 1
            codes = [worker.inner.exitcode for worker in self._server.wrks if worker.idx == index]
            record.more = {"worker": index + 1} | _told(codes[0] if codes else None)
        return True


def tell_why_workers_end(server: Any) -> None:
    """Let the log say of each worker of *server* by which signal it ended."""
    logging.getLogger(SERVER).addFilter(TellsWhy(server))


def _told(code: int | None) -> dict[str, Any]:
    if code is None or code >= 0:
        return {"signal": None, "exit_code": code}
    return {"signal": signal.Signals(-code).name, "exit_code": None}
