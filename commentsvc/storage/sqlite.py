"""SQLite: where its file lies, how it is connected to, and its log."""

from __future__ import annotations

import os
import shlex
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

from commentsvc.backends import sqlite_name
from commentsvc.errors import BadSetting
from commentsvc.settings import Settings
from commentsvc.storage.sqlite_files import BUSY_SECONDS, logs_of

CACHE_KIB = 2000  # of each connection: 200 counts among 100,000 threads touch 1,600
LOOK_MS = 5  # SQLite looks after 0, 1, 3 and 5 ms then
LOG_AHEAD = "PRAGMA journal_mode = WAL"
LOCKED = "database is locked"
ERASE_PATIENCE_MS = 500  # and the emptying of the log for its readers; writers wait so long


def refuse_left_behind(settings: Settings, instance: Path) -> None:
    """Refuse to begin a new database where an earlier version left one under that name within the installation.

    A relative path began in Flask's *instance* folder then; the next installation would not have found it.

    :raises BadSetting: one is there; the text says how to move it.
    """
    path, name = settings.database_file(), sqlite_name(settings.database_url or "sqlite://")
    if path is None or not name or os.path.exists(path):
        return
    for folder in (instance, Path(sys.prefix, "var", "commentsvc.app-instance")):
        old = folder / name
        if old != path and old.exists():
            files = shlex.join(str(file) for file in (old, *logs_of(old)) if file.exists())
            raise BadSetting(
                f"The database {path} is not there, but an earlier version left it in {old}. Stop what runs on "
                f"it, then run: mkdir -p {shlex.quote(str(path.parent))} && mv {files} {shlex.quote(str(path.parent))}/"
            )


def listen(engine: Engine) -> None:
    """Set up each connection, and let what writes take its lock at once."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(LOG_AHEAD)  # which a copy of somebody's own making may not do yet
        cursor.execute("PRAGMA synchronous = FULL")  # an answer means that it is on disk
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its lock at once: to upgrade a read later fails with "database is
        # locked" whenever another wrote in between. Readers never wait for it.
        options = connection.get_execution_options()
        if options.get("write"):
            _begin_to_write(connection, options.get("patience", BUSY_SECONDS))
        else:  # which cannot fail; SQLAlchemy's own way takes ten times as long
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN")


def _begin_to_write(connection: Connection, patience: float) -> None:
    """Take the lock of the writer, for which others may be waiting: look for it every few milliseconds.

    SQLite's own waiting looks less and less often, every 100 ms in the end. An import leaves the lock for some 10 ms
    between its transactions, which it would miss.

    :raises sqlalchemy.exc.OperationalError: others had it all that time.
    """
    driver: Any = connection.connection.driver_connection
    until = monotonic() + patience
    driver.execute(f"PRAGMA busy_timeout = {min(LOOK_MS, int(patience * 1000))}")
    try:
        while monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as why:
                if str(why) != LOCKED:
                    break  # which is told below
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def log_ahead(path: Path) -> None:
    """Let the database at *path*, which nobody else uses yet, write its log ahead from the first connection on.

    Of two connections that begin with it at the same moment, SQLite refuses one at once.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(LOG_AHEAD)


def empty_log(engine: Engine) -> None:
    """Write what is in the log into the file, and empty it, if its readers let it.

    :raises sqlite3.Error: it cannot be emptied.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {ERASE_PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.close()
    finally:
        connection.close()


def path_of(url: URL) -> Path | None:
    """The file of a database of SQLite that has one."""
    name = url.database or ":memory:"
    if url.get_backend_name() != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)
