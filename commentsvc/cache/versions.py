"""Of which version the answer to a read is: one look-up by index, without a session.

A version is a tuple that changes whenever the public bytes of its subject do. It is compared
with that of a kept answer at every read, so that no process has to tell another of a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Engine, String, and_, bindparam, select
from sqlalchemy.orm import Session

from commentsvc.cache.commit_counter import CommitCounter, NoCommitCounter, WalIndexHeader
from commentsvc.model import State, Subject, SubjectKind, Version
from commentsvc.storage.prepared import AnyOf, Prepared, driver_connection
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

CONNECTIONS = 8  # of a process: a look-up takes microseconds, more of them would only wait
FEED_ENTRIES = 50  # of the comments of a site that its feed shows
CACHE_KIB = 200  # of each of them, on SQLite: a look-up touches a few pages of 4


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
    """Looks versions up on connections of its own, and tells beforehand whether there is need to.

    As long as nothing was committed, on SQLite, nothing needs to be looked up.
    """

    def __init__(self, engine: Engine) -> None:
        """Nothing is opened yet: a server may fork before the first read."""
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._free.put(None)
        self._counter: CommitCounter = WalIndexHeader(self._new) if self._is_sqlite else NoCommitCounter()

    def commits(self) -> bytes | None:
        """Give what differs after every commit of any process; None where that cannot be told."""
        return self._counter.now()

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
        """Close everything, after all else that uses the database in this process."""
        for _ in range(CONNECTIONS):
            connection = self._free.get()
            if connection is not None:
                connection.close()
            self._free.put(None)
        self._counter.close()

    def _looked_up(self, connection: Any, subject: Subject) -> Version:
        ready = _LOOK_UPS[subject.kind].on(self._engine.dialect)
        return tuple(ready.rows(connection, _parameters(subject)))

    def _connect(self) -> Any:
        connection = self._new()
        if self._is_sqlite:
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        else:
            connection.autocommit = True
        self._counter.begin()
        return connection

    def _new(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        return connection


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
