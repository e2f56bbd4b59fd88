"""Where Flask-Limiter counts: the moving window of the library `limits`, kept in an SQLite file."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

from limits.errors import ConfigurationError
from limits.storage.base import MovingWindowSupport, Storage

from commentsvc.rate_limits.windows import SCHEMA, Clock, Hit, Window, count_all, digest, look

BUSY_SECONDS = 1.0  # a hit holds the file for some 100 µs; who waits longer has met a fault
CACHE_KIB = 200  # a hit touches a few pages of 4

_log = logging.getLogger("commentsvc.limits")
_T = TypeVar("_T")


class SqliteMovingWindow(Storage, MovingWindowSupport):
    """Moving windows in a file that all threads and processes of one machine share, exactly.

    The URI is ``commentsvc-sqlite:///absolute/path/limits.db``, its path percent-encoded. *clock*
    gives seconds since the epoch. Only the strategy ``moving-window`` works.

    The file holds nothing but counters. The first call of a process opens it, and makes it with mode 0600
    if it is missing; it is never synced. One that turns out to be damaged is put aside as ``limits.db.damaged``
    with a warning, and the call is tried once more on a fresh one. One that is deleted in use is used until the
    process ends. Keys are stored as digests. The file keeps
    the size of its busiest window, for what has expired is swept by later hits and its pages are used again.

    When the clock steps back, hits from what is now the future still count, but those further ahead
    than their expiry count as expired and go with the key's next hit. So nobody waits for longer
    than twice the expiry.

    Every method raises :exc:`sqlite3.Error` or :exc:`OSError` when the file cannot be used: no such
    folder, no permission, disk full, locked for longer than ``BUSY_SECONDS``. The next call opens it again.
    """

    STORAGE_SCHEME = ["commentsvc-sqlite"]  # noqa: RUF012  (declared by the base, and not as a ClassVar)

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,
        *,
        clock: Clock = time.time,
        **options: float | str | bool,
    ) -> None:
        """Remember where to count; the file is opened by the first call.

        :raises ConfigurationError: *uri* holds no absolute path, or more than that.
        """
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        parts = urlsplit(uri or "")
        self._path = Path(unquote(parts.path))
        if (
            not self._path.name
            or not self._path.is_absolute()
            or parts.netloc
            or parts.query
            or parts.fragment
        ):
            raise ConfigurationError(
                f"the limits' storage needs commentsvc-sqlite:///absolute/path, not {uri!r}"
            )
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._turn = threading.Lock()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What `limits` turns into its StorageError where asked to."""
        return (sqlite3.Error, OSError)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count *amount* hits of *key*, unless more than *limit* would lie in the last *expiry* seconds.

        One transaction: of any number of calls at once, no more than *limit* are given True.
        """
        return self.acquire_all([Hit([Window(key, limit, expiry)], amount)]) is None

    def acquire_all(self, hits: Sequence[Hit]) -> Hit | None:
        """Count *hits* in one transaction, and give the first for which there is no room, where counting ends."""
        return self._run(lambda connection: count_all(connection, self._clock, hits))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Give when the oldest hit that counts was made (now, if there is none), and how many count.

        The first is in seconds since the epoch; *expiry* seconds after it there is room again.
        """
        return self._run(lambda connection: look(connection, self._clock, Window(key, limit, expiry)))

    def clear(self, key: str) -> None:
        """Forget the hits of *key*."""
        self._run(lambda connection: connection.execute("DELETE FROM hits WHERE key = ?", (digest(key),)))

    def reset(self) -> int:
        """Forget all hits and say how many rows they were."""
        return self._run(lambda connection: connection.execute("DELETE FROM hits").rowcount)

    def check(self) -> bool:
        """Say whether the file can be used."""
        try:
            self._run(_look_into)
        except self.base_exceptions:
            return False
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> NoReturn:
        """Refuse: this is for fixed windows."""
        _refuse()

    def get(self, key: str) -> NoReturn:
        """Refuse: this is for fixed windows."""
        _refuse()

    def get_expiry(self, key: str) -> NoReturn:
        """Refuse: this is for fixed windows."""
        _refuse()

    def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do *work* in turn.

        One connection serves all threads: SQLite lets one write at a time, and who waits for it there,
        sleeps and looks again too late.
        """
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError("the limits' file is locked, and others wait for it already")
        try:
            return self._try(work)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._put_aside(error)
            return self._try(work)
        finally:
            self._turn.release()

    def _try(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            if self._connection is None:
                with _locked(self._path.parent):  # of processes that start at once, one makes the file
                    self._connection = self._connect()
            return work(self._connection)
        except BaseException:
            if self._connection is not None:
                self._connection.close()  # which rolls back; errors are too rare to save the connection
                self._connection = None
            raise

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        """Let a fresh file begin, unless another process just did."""
        with _locked(self._path.parent):
            if self._path.exists() and self._path.stat().st_ino == self._inode:
                self._path.replace(self._beside(".damaged"))
                _log.warning(
                    "%s is damaged (%s) and is created again: the rate limits start from zero",
                    self._path,
                    error,
                )

    def _connect(self) -> sqlite3.Connection:
        """Open the file, which is made if it is missing or empty."""
        fresh = not self._path.exists() or not self._path.stat().st_size
        if fresh:
            # The log of a file that was lost would be taken for this one's.
            for leftover in ("", "-wal", "-shm"):
                self._beside(leftover).unlink(missing_ok=True)
            # SQLite would let others read it; -wal and -shm get the mode that it has. A file that is there is opened
            # by SQLite alone: to close it again drops SQLite's locks (POSIX advisory locks are the process's).
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))
        self._inode = self._path.stat().st_ino
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            if fresh:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(SCHEMA)
            _look_into(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _beside(self, ending: str) -> Path:
        return self._path.with_name(self._path.name + ending)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other threads and processes from opening files here at the same time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)  # errors of the module itself have none
    # The higher bits tell more than we ask: https://sqlite.org/rescode.html#pve
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _look_into(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT 1 FROM hits LIMIT 1").fetchone()


def _refuse() -> NoReturn:
    raise NotImplementedError("commentsvc-sqlite counts moving windows only: set strategy='moving-window'")
