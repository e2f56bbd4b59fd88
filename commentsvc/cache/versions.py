"""Of which version the answer to a read is: one look-up by index, without a session.

A version is a tuple that changes whenever the public bytes of its subject do. It is compared
with that of a kept answer at every read, so that no process has to tell another of a change.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Engine, String, and_, bindparam, select
from sqlalchemy.orm import Session

from commentsvc.model import State, Subject, SubjectKind, Version
from commentsvc.storage.prepared import AnyOf, Prepared, driver_connection
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

CONNECTIONS = 8  # of a process: a look-up takes microseconds, more of them would only wait
FEED_ENTRIES = 50  # of the comments of a site that its feed shows
CACHE_KIB = 200  # of each of them, on SQLite: a look-up touches a few pages of 4
_HEADER = 96  # bytes: the two copies of the header of SQLite's WAL-index


_SITE: BindParameter[int] = bindparam("site", type_=BigInteger)
_EPOCH = select(SiteRow.epoch).where(SiteRow.id == _SITE).scalar_subquery()
_OF_ARTICLE = ThreadRow.article == bindparam("article", type_=String)
_LOOK_UPS = {
    SubjectKind.THREAD: Prepared(
        select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
        .select_from(SiteRow)
        .outerjoin(ThreadRow, and_(ThreadRow.site_id == SiteRow.id, _OF_ARTICLE))
        .where(SiteRow.id == _SITE)
    ),
    SubjectKind.COMMENT: Prepared(
        select(SiteRow.epoch, ThreadRow.id, ThreadRow.version)
        .select_from(CommentRow)
        .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
        .join(SiteRow, SiteRow.id == ThreadRow.site_id)
        .where(CommentRow.public_id == bindparam("comment", type_=String))
    ),
    SubjectKind.COUNTS: Prepared(
        select(_EPOCH, ThreadRow.article, ThreadRow.count)
        .where(ThreadRow.site_id == _SITE, AnyOf(ThreadRow.article, "articles"))
        .order_by(ThreadRow.article)
    ),
    SubjectKind.SITE: Prepared(
        select(_EPOCH, CommentRow.id, ThreadRow.version)
        .join(ThreadRow, ThreadRow.id == CommentRow.thread_id)
        .where(
            CommentRow.site_id == _SITE,
            CommentRow.state == State.APPROVED,
            CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
        )
        .order_by(CommentRow.id.desc())
        .limit(FEED_ENTRIES)
    ),
}


def _parameters(subject: Subject) -> dict[str, Any]:
    """The parameters of its look-up."""
    match subject.kind:
        case SubjectKind.COMMENT:
            return {"comment": subject.names[0]}
        case SubjectKind.THREAD:
            return {"site": subject.site, "article": subject.names[0]}
        case SubjectKind.SITE:
            return {"site": subject.site}
        case SubjectKind.COUNTS:
            return {"site": subject.site, "articles": list(subject.names)}


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
            return self._looked_up(connection, subject)
        except BaseException:
            if connection is not None:
                with suppress(Exception):  # the error that led here is the one to tell
                    connection.close()
            connection = None
            raise
        finally:
            self._free.put(connection)

    def within(self, session: Session, subject: Subject) -> Version:
        """Give the version of *subject* in the state of the database that *session* shows."""
        return self._looked_up(driver_connection(session)[1], subject)

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

    def _looked_up(self, connection: Any, subject: Subject) -> Version:
        ready = _LOOK_UPS[subject.kind].on(self._engine.dialect)
        return tuple(ready.rows(connection, _parameters(subject)))

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
    return Subject(SubjectKind.THREAD, site, (article,))


def of_comment(public_id: str) -> Subject:
    """One comment."""
    return Subject(SubjectKind.COMMENT, 0, (public_id,))


def of_counts(site: int, articles: Sequence[str]) -> Subject:
    """The counts of those articles."""
    return Subject(SubjectKind.COUNTS, site, tuple(articles))


def counts(version: Version) -> dict[str, int]:
    """The counts that the version of counts consists of, for the articles that have a thread."""
    return {article: count for _, article, count in version}


def of_site(site: int) -> Subject:
    """The latest comments of a site."""
    return Subject(SubjectKind.SITE, site)
