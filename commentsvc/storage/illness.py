"""What is wrong with the database, as its errors say: told in the log in plain words, and once more when it is over."""

from __future__ import annotations

import math
import time
from threading import Lock

import structlog

LOG_SECONDS = 60  # between two lines of the log that say the same
MALFORMED = "its file is malformed: restore a backup, as it does not mend itself"
# How names of SQLite's result codes begin (https://sqlite.org/rescode.html), and SQLSTATEs (PostgreSQL, appendix A).
REASONS = {
    "SQLITE_FULL": "its disk is full",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_IOERR": "its disk fails, or takes no more",
    "SQLITE_CANTOPEN": "its files cannot be opened",
    "SQLITE_PERM": "its files cannot be opened",
    "SQLITE_CORRUPT": MALFORMED,
    "SQLITE_NOTADB": MALFORMED,
    "25006": "it takes no writes, as a standby does",
    "0A000": "it takes no writes, as a standby does",
    "53100": "its disk is full",
    "57P": "it is shut down or recovers",
}
UNDECODABLE = "Could not decode to UTF-8"  # what is no text, where only text was stored: Python's `sqlite3` gives it no code

log = structlog.get_logger("commentsvc.database")


class Illness:
    """What is wrong with the database *name* (a file, or the server's kind) since it last took a write."""

    def __init__(self, name: str) -> None:
        self.reason: str | None = None
        self.is_logged = True  # not where a command ends with it, and says it
        self._name = name
        self._changing = Lock()  # many requests meet it at once, and one tells it
        self._silent_until = -math.inf  # on the monotonic clock

    def note(self, error: Exception) -> None:
        """Remember what *error* says of the database, and tell it, unless it says nothing or the file is malformed."""
        reason = reason_of(error)
        if reason is None or self.is_malformed:
            return
        now = time.monotonic()
        with self._changing:
            is_news = reason != self.reason or now >= self._silent_until
            if is_news:
                self._silent_until = now + LOG_SECONDS
            self.reason = reason
        if is_news and self.is_logged:
            log.error("database ill", database=self._name, reason=reason)

    def end(self) -> None:
        """It took a write. A malformed file may do so, too."""
        with self._changing:
            is_news = self.reason is not None and not self.is_malformed
            if is_news:
                self.reason = None
        if is_news:
            log.info("database well again", database=self._name)

    @property
    def is_malformed(self) -> bool:
        """Whether the file is damaged for good."""
        return self.reason == MALFORMED


def reason_of(error: Exception) -> str | None:
    """What *error* says of the database; None if it speaks of the statement, or of others who write."""
    driver = getattr(error, "orig", error)
    if str(driver).startswith(UNDECODABLE):
        return MALFORMED
    code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or ""
    return next((reason for start, reason in REASONS.items() if code.startswith(start)), None)
