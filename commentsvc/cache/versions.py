"""Of which version the answer to a read is: one look-up by index, without a session.

A version is a tuple that changes whenever the public bytes of its subject do. It is compared
with that of a kept answer at every read, so that no process has to tell another of a change.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from commentsvc.storage import look_ups
from commentsvc.storage.unit_of_work import UnitOfWork

Version = tuple[Any, ...]

CONNECTIONS = 8  # of a process: a look-up takes microseconds, more of them would only wait
CACHE_KIB = 200  # of each of them, on SQLite: a look-up touches a few pages of 4
_HEADER = 96  # bytes: the two copies of the header of SQLite's WAL-index


class Kind(Enum):
    """What a read can be about."""

    THREAD = "a thread, by site and article"
    COMMENT = "one comment, by its id"
    COUNTS = "the counts of articles, by site and articles"
    SITE = "the latest comments of a site"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a read is about: the number of the site (0 for a comment), and articles or a comment's id."""

    kind: Kind
    site: int
    names: tuple[str, ...] = ()

    def parameters(self) -> dict[str, Any]:
        """The parameters of its look-up."""
        match self.kind:
            case Kind.COMMENT:
                return {"comment": self.names[0]}
            case Kind.THREAD:
                return {"site": self.site, "article": self.names[0]}
            case Kind.SITE:
                return {"site": self.site}
            case Kind.COUNTS:
                return {"site": self.site, "articles": list(self.names)}


_LOOK_UPS = {
    Kind.THREAD: look_ups.THREAD,
    Kind.COMMENT: look_ups.COMMENT,
    Kind.COUNTS: look_ups.COUNTS,
    Kind.SITE: look_ups.NEWEST_OF_SITE,
}


class Versions:
    """Looks versions up on connections of its own, and beforehand whether there is need to.

    With SQLite, nothing needs to be looked up as long as nothing was committed: the header of
    the WAL-index (https://sqlite.org/walformat.html §2.1), which every commit rewrites before it
    returns, lies in memory that all processes share, and SQLite itself compares it to learn the
    same. To compare its 96 bytes takes a tenth of a microsecond; a look-up five, most of it for
    locks, and a change of threads besides.
    """

    def __init__(self, engine: Engine) -> None:
        """Nothing is opened yet: a server may fork before the first read."""
        self._engine = engine
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._free.put(None)
        self._mapping = Lock()  # once: a second mapping that is dropped closes a descriptor, see `close`
        self._header: mmap.mmap | None = None
        self._anchor: Any = None  # keeps the WAL-index from being removed or cut under the mapping
        self._file = -1

    def commits(self) -> bytes | None:
        """Give what differs after every commit of any process; None where that cannot be told."""
        return None if self._header is None else self._header[:_HEADER]

    def now(self, subject: Subject) -> Version:
        """Look the version of *subject* up; it is empty where there is nothing of it."""
        connection = self._free.get()
        try:
            connection = connection or self._connect()
            look_up = _LOOK_UPS[subject.kind].on(self._engine.dialect)
            return tuple(look_up.rows(connection, subject.parameters()))
        except BaseException:
            if connection is not None:
                with suppress(Exception):  # the error that led here is the one to tell
                    connection.close()
            connection = None
            raise
        finally:
            self._free.put(connection)

    def within(self, work: UnitOfWork, subject: Subject) -> Version:
        """Give the version of *subject* in the state of the database that *work* sees."""
        return tuple(work.looked_up(_LOOK_UPS[subject.kind], subject.parameters()))

    def close(self) -> None:
        """Close everything, after all else that uses the database in this process.

        Before that it must not be done: to close any descriptor of a file drops the locks that
        SQLite holds on it (POSIX advisory locks are the process's).
        """
        for _ in range(CONNECTIONS):
            connection = self._free.get()
            if connection is not None:
                connection.close()
            self._free.put(None)
        if self._anchor is not None:
            self._anchor.close()
        if self._header is not None:
            self._header.close()
            os.close(self._file)
        self._anchor = self._header = None

    def _connect(self) -> Any:
        connection = self._new()
        if self._engine.dialect.name != "sqlite":
            connection.autocommit = True
            return connection
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        with self._mapping:
            if self._anchor is None:
                self._map_header()
        return connection

    def _new(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        return connection

    def _map_header(self) -> None:
        """Map the header of the WAL-index; where there is none, each read looks up."""
        self._anchor = anchor = self._new()
        anchor.execute("SELECT count(*) FROM site").fetchone()  # opens the log, and with it its index
        name, mode = anchor.execute(
            "SELECT file, journal_mode FROM pragma_database_list, pragma_journal_mode WHERE name = 'main'"
        ).fetchone()
        if mode != "wal" or not name:
            return
        self._file = os.open(name + "-shm", os.O_RDONLY)
        self._header = mmap.mmap(self._file, _HEADER, prot=mmap.PROT_READ)


def of_thread(site: int, article: str) -> Subject:
    """A thread, whether or not there is one yet."""
    return Subject(Kind.THREAD, site, (article,))


def of_comment(public_id: str) -> Subject:
    """One comment."""
    return Subject(Kind.COMMENT, 0, (public_id,))


def of_counts(site: int, articles: Sequence[str]) -> Subject:
    """The counts of those articles."""
    return Subject(Kind.COUNTS, site, tuple(articles))


def counts(version: Version) -> dict[str, int]:
    """The counts that the version of counts consists of, for the articles that have a thread."""
    return {article: count for _, article, count in version}


def of_site(site: int) -> Subject:
    """The latest comments of a site."""
    return Subject(Kind.SITE, site)
