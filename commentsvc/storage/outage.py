"""A database that hangs: takes connections and statements, and answers nothing.

A request that waits for it holds a thread and a place among the requests. So once somebody waited in vain nobody asks it, and
all are refused at once, until a thread of its own finds that it answers again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from commentsvc.errors import Busy
from commentsvc.messages import message

ASK_AGAIN_SECONDS = 1  # between two questions whether it answers again

log = structlog.get_logger("commentsvc.database")


class DatabaseHangs(Busy):
    """The database did not answer a moment ago, and is not asked."""


class Outage:
    """Whether a database of this process hangs; the log calls it *name*."""

    def __init__(self, name: str = "database") -> None:
        self.is_on = False
        self._name = name
        self._beginning = threading.Lock()
        self._stopped = threading.Event()
        self._asking: threading.Thread | None = None

    def begin(self, ask: Callable[[], None]) -> None:
        """It did not answer; *ask* raises as long as it does not."""
        with self._beginning:
            if self.is_on or self._stopped.is_set():
                return
            self.is_on = True
            log.error(f"{self._name} hangs", retry_seconds=ASK_AGAIN_SECONDS)
            self._asking = threading.Thread(
                target=self._wait_for_its_end, args=(ask,), name="asks the database", daemon=True
            )
            self._asking.start()

    def refuse(self) -> None:
        """Let pass where the database answers.

        :raises DatabaseHangs: it does not.
        """
        if self.is_on and threading.current_thread() is not self._asking:
            raise DatabaseHangs(message("The database cannot take this now. Please try again in a moment."))

    def stop(self) -> None:
        """Ask no longer: the database is going to be closed."""
        self._stopped.set()
        if self._asking is not None:
            self._asking.join()
        self._stopped.clear()
        self.is_on = False

    def _wait_for_its_end(self, ask: Callable[[], None]) -> None:
        while not self._stopped.wait(ASK_AGAIN_SECONDS):
            try:
                ask()
            except Exception as why:  # whatever the driver raises
                log.debug(f"{self._name} still hangs", kind=type(why).__name__)
            else:
                self.is_on = False
                log.info(f"{self._name} answers again")
                return
