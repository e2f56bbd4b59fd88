"""A thread that writes the log, so that no request waits for who reads it."""

from __future__ import annotations

import json
import logging
import os
import queue
import select
import sys
import time
from contextlib import suppress
from multiprocessing.util import Finalize
from threading import Thread

MOST_LINES = 10_000  # that wait, some 3 MB; further ones are dropped, and counted
LONGEST = select.PIPE_BUF // 4  # characters; each takes four bytes at most, and a line has its end
END_SECONDS = 1.0  # for what still waits when the process ends
LOGGERS = ("", "commentsvc")


class WriterHandler(logging.Handler):
    """Writes each line to *file* where that takes it at once, and else hands it to a thread.

    Where nobody reads a pipe, a write to it does not return. A pipe that can be written to has room for PIPE_BUF bytes
    (pipe(7)), so a line of no more never waits. It goes to the file itself and not to a stream of Python's,
    whose lock would stop the end of the process, too. To wake a thread for each line cost misses 7 %.
    """

    def __init__(self, file: int) -> None:
        super().__init__()
        self._file = file
        self._lines: queue.Queue[str] = queue.Queue(MOST_LINES)
        self._dropped = 0
        self._room = select.poll()
        self._room.register(file, select.POLLOUT)
        Thread(target=self._write, name="log", daemon=True).start()
        Finalize(None, self._finish, exitpriority=0)

    def emit(self, record: logging.LogRecord) -> None:
        """Write or take a line, unless too many wait. The lock of the handler is held: lines keep their order."""
        line = self.format(record)
        if not self._lines.unfinished_tasks and len(line) < LONGEST and self._has_room():
            _write_all(self._file, line)
            return
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def _has_room(self) -> bool:
        return any(ready == select.POLLOUT for _, ready in self._room.poll(0))

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            _write_all(self._file, line)
            if self._dropped and self._lines.empty():
                dropped, self._dropped = self._dropped, 0
                _write_all(self._file, json.dumps({"event": "log lines dropped", "lines": dropped}))
            self._lines.task_done()

    def _finish(self) -> None:
        until = time.monotonic() + END_SECONDS
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.01)


def _write_all(file: int, line: str) -> None:
    rest = (line + "\n").encode(errors="backslashreplace")
    with suppress(OSError):  # a full device or a closed pipe: the service goes on without its log
        while rest:
            rest = rest[os.write(file, rest) :]


def write_apart() -> None:
    """Let a thread write what this process logs to standard error from now on."""
    for logger in map(logging.getLogger, LOGGERS):
        for handler in list(logger.handlers):
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
                writer = WriterHandler(sys.stderr.fileno())
                writer.setFormatter(handler.formatter)
                writer.setLevel(handler.level)
                writer.filters = list(handler.filters)
                logger.removeHandler(handler)
                logger.addHandler(writer)
