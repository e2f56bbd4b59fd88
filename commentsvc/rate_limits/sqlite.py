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
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

from limits.errors import ConfigurationError
from limits.storage.base import MovingWindowSupport, Storage

from commentsvc.rate_limits.windows import SCHEMA, Clock, Window, digest, hit_all, look

BUSY_SECONDS = 1.0  # a hit holds the file for some 30 µs; who waits longer has met a fault
CACHE_KIB = 200  # a hit touches a few pages of 4

_log = logging.getLogger("commentsvc.limits")
_T = TypeVar("_T")
_FileId = tuple[int, int]  # device and inode

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PERHAPS_GONE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}  # as when it is deleted while we open it

# SQLite forbids even closing a connection that came through a fork, so that those are kept for good.
_inherited: list[sqlite3.Connection] = []


@dataclass(frozen=True, slots=True)
class _Opened:
    connection: sqlite3.Connection
    process: int
    file: _FileId


class SqliteMovingWindow(Storage, MovingWindowSupport):
    """Moving windows in a file that all threads and processes of one machine share, exactly.

    The URI is ``commentsvc-sqlite:///absolute/path/limits.db``, its path percent-encoded. *clock*
    gives seconds since the epoch. Only the strategy ``moving-window`` works.

    The file holds nothing but counters: it is made on the first call with mode 0600, never synced,
    and when it is lost or damaged made anew with a warning; the damaged one stays beside it as
    ``limits.db.damaged``. Keys are stored as digests of 16 bytes. The file keeps the size of its
    busiest window, for what has expired is swept by later hits and its pages are used again.

    When the clock steps back, hits from what is now the future still count, but those further ahead
    than their expiry count as expired and go with the key's next hit. So nobody waits for longer
    than twice the expiry.

    Every method raises :exc:`sqlite3.Error` or :exc:`OSError` when the file cannot be used at all:
    no such folder, no permission, disk full, locked for longer than ``BUSY_SECONDS``.
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
        self._opened: _Opened | None = None
        self._turn = threading.Lock()
        self._seen = False

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What `limits` turns into its StorageError where asked to."""
        return (sqlite3.Error, OSError)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count *amount* hits of *key*, unless more than *limit* would lie in the last *expiry* seconds.

        One transaction: of any number of calls at once, no more than *limit* are given True.
        """
        return self.acquire_all([Window(key, limit, expiry)], amount)

    def acquire_all(self, windows: Sequence[Window], amount: int = 1) -> bool:
        """Count *amount* hits in all of *windows* at once, or in none of them if one has no room."""
        return self._run(lambda connection: hit_all(connection, self._clock, windows, amount))

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
            self._run(lambda connection: connection.execute("SELECT 1 FROM hits LIMIT 1").fetchone())
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
        """Do *work* in turn, and once more if the file turns out to be lost.

        One connection serves all threads: SQLite lets one write at a time, and who waits for it there,
        sleeps and looks again too late.
        """
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError("the limits' file is locked, and others wait for it already")
        try:
            return self._try(work)
        except sqlite3.Error as error:
            if _reason(error) not in _DAMAGE | _PERHAPS_GONE:
                raise
            return self._try(work)
        finally:
            self._turn.release()

    def _try(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            return work(self._connection())
        except BaseException as error:
            if _reason(error) in _DAMAGE and (opened := self._opened):
                self._replace(opened.file, error)
            self._close()  # which rolls back; errors are too rare to save the connection
            raise

    def _connection(self) -> sqlite3.Connection:
        opened = self._opened
        if opened and opened.file == self._file() and opened.process == os.getpid():
            return opened.connection
        self._close()
        with _locked(self._path.parent):  # else a replacement could slip between the file and its log
            while (file := self._file()) is None:
                self._make_file()
                if self._seen:
                    self._warn("is missing")
            connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode=rw",  # never makes a file: it would be readable by others
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._opened = _Opened(connection, os.getpid(), file)
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("SELECT 1 FROM hits LIMIT 1")  # opens the log
        self._seen = True
        return connection

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened and opened.process == os.getpid():
            opened.connection.close()
        elif opened:
            _inherited.append(opened.connection)

    def _file(self) -> _FileId | None:
        """Say which file has our name now, None if it is missing or empty.

        SQLite would go on writing to a deleted file; asking costs 2 µs. An open connection keeps its
        inode number from being given to another file. Never open the file to look into it: closing
        it again drops SQLite's locks (POSIX advisory locks are the process's, not the descriptor's).
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return (status.st_dev, status.st_ino) if status.st_size else None

    def _replace(self, damaged: _FileId, error: BaseException) -> None:
        """Put the *damaged* file aside for a fresh one, unless somebody just did."""
        with _locked(self._path.parent):
            if self._file() == damaged:
                self._path.replace(self._beside(".damaged"))
                self._make_file()
                self._warn(f"is damaged ({error})")

    def _make_file(self) -> None:
        fresh = self._beside(".new")
        for leftover in (".new", ".new-journal", ".new-wal", ".new-shm"):
            self._beside(leftover).unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL, 0o600))  # SQLite gives -wal and -shm the same mode
        connection = sqlite3.connect(fresh, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        connection.close()
        # The log of the old file would be taken for the new one's. Connections to the old file see that
        # it has moved, and leave the new log alone when they close (SQLITE_FCNTL_HAS_MOVED).
        for log in ("-wal", "-shm"):
            self._beside(log).unlink(missing_ok=True)
        fresh.replace(self._path)

    def _warn(self, what: str) -> None:
        _log.warning("%s %s and was made anew: the rate limits start from zero", self._path, what)

    def _beside(self, ending: str) -> Path:
        return self._path.with_name(self._path.name + ending)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other threads and processes from changing files here at the same time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _reason(error: BaseException) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)  # errors of the module itself have none
    return code & 0xFF  # the rest tells more than we ask: https://sqlite.org/rescode.html#pve


def _refuse() -> NoReturn:
    raise NotImplementedError("commentsvc-sqlite counts moving windows only: set strategy='moving-window'")
