"""A file of our own for all that an export holds, which has no name and goes with the process."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

CACHE_KIB = 16_000

_TABLES = """
CREATE TABLE thread (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE, declared INTEGER NOT NULL DEFAULT 0, link TEXT, article TEXT, title TEXT,
    closed INTEGER NOT NULL DEFAULT 0, visibility TEXT NOT NULL DEFAULT 'public', line INTEGER, mapped TEXT,
    identity TEXT, target INTEGER, original TEXT
);
INSERT INTO thread (id) VALUES (0);
CREATE TABLE comment (
    id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, key TEXT NOT NULL, parent TEXT, state TEXT NOT NULL,
    ping INTEGER NOT NULL, anonymous INTEGER NOT NULL, has_email INTEGER NOT NULL, has_text INTEGER NOT NULL,
    at INTEGER, line INTEGER, malformed TEXT,
    duplicate INTEGER NOT NULL DEFAULT 0, under INTEGER, lost TEXT, skipped TEXT, dated INTEGER NOT NULL DEFAULT 1,
    target INTEGER, level INTEGER, turn INTEGER, stored INTEGER, own INTEGER NOT NULL, pinned INTEGER, twin INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE said (
    id INTEGER PRIMARY KEY, posted TEXT NOT NULL, edited INTEGER, repaired INTEGER NOT NULL, markup TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT, url TEXT, text TEXT NOT NULL, original TEXT
);
CREATE TABLE target (
    id INTEGER PRIMARY KEY, article TEXT UNIQUE, title TEXT, url TEXT, closed INTEGER NOT NULL DEFAULT 0,
    comes INTEGER NOT NULL DEFAULT 0, original TEXT
);
"""

# As SQL: what a thread is called, and by what its comments *c* are known again in a later export of it, *t*.
NAME = "coalesce(nullif(link, ''), article, key)"
IDENTITY = "iif(c.twin, t.identity || char(10) || t.key, t.identity)"


class StagedFile(sqlite3.Connection):
    """Threads, comments, what these say, and the articles that they come to (targets): a table of each."""

    def one(self, statement: str, *parameters: Any) -> Any:
        """The first value that *statement* finds, or None."""
        found = self.execute(statement, parameters).fetchone()
        return None if found is None else found[0]


def make_file(folder: Path) -> StagedFile:
    """An empty one; it takes as much room in *folder* as the export does."""
    path = folder / "staging.db"
    file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=StagedFile)
    for pragma in (
        "journal_mode = OFF",
        "synchronous = OFF",
        "locking_mode = EXCLUSIVE",
        "temp_store = FILE",
        f"cache_size = -{CACHE_KIB}",
    ):
        file.execute(f"PRAGMA {pragma}")
    file.executescript(_TABLES)
    path.unlink()  # it holds e-mail addresses: nothing is left of it, however this process ends
    file.execute("BEGIN")
    return file


def milliseconds(moment: datetime | None) -> int | None:
    """*moment* as times are stored here: milliseconds since 1970."""
    return None if moment is None else int(moment.timestamp() * 1000)
