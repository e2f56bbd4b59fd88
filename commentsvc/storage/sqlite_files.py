"""The files of SQLite's database. What watches over a server needs these alone, and is spared SQLAlchemy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from commentsvc.settings import Settings

BUSY_SECONDS = 10  # how long a writer on SQLite waits for the one before


def close_whole(settings: Settings) -> None:
    """Write what is in SQLite's log into the file, after the last process that used it ended.

    So a copy of the file alone is the whole database. Processes that were killed left the log behind.
    """
    path = settings.database_file()
    if path is None or not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def logs_of(path: Path) -> list[Path]:
    """The files that SQLite has beside its database at *path* while it is used."""
    return [path.with_name(f"{path.name}-{end}") for end in ("wal", "shm")]
