"""Of which version the answer to a read is: one look-up by index, without a session.

A version is a tuple that changes whenever the public bytes of its subject do. It is compared
with that of a kept answer at every read, so that no process has to tell another of a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from commentsvc.cache.commit_counter import CommitCounter, NoCommitCounter, WalIndexHeader
from commentsvc.model import Subject, SubjectKind, ThreadState, Version
from commentsvc.storage import look_ups, waiting
from commentsvc.storage.database import Database
from commentsvc.storage.prepared import Prepared, Rows
from commentsvc.storage.unit_of_work import UnitOfWork

CONNECTIONS = 8  # of a process: a look-up takes microseconds, more of them would only wait
CACHE_KIB = 200  # of each of them, on SQLite: a look-up touches a few pages of 4


_LOOK_UPS = {
    SubjectKind.THREAD: look_ups.THREAD,
    SubjectKind.COMMENT: look_ups.COMMENT,
    SubjectKind.COUNTS: look_ups.COUNTS,
    SubjectKind.SITE: look_ups.NEWEST_OF_SITE,
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

    def __init__(self, database: Database, timeout: int) -> None:
        """Nothing is opened yet: a server may fork before the first read.

        :param timeout: seconds that a look-up may take, on PostgreSQL.
        """
        self._engine = engine = database.engine
        self._outage = database.outage
        self._timeout = timeout
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._free.put(None)
        self._counter: CommitCounter = WalIndexHeader(self._new) if self._is_sqlite else NoCommitCounter()
        self.commits = self._counter.now
        """Gives what differs after every commit of any process; None where that cannot be told."""

    def now(self, subject: Subject) -> Version:
        """Look the version of *subject* up; it is empty where there is nothing of it.

        :raises DatabaseHangs: the database did not answer a moment ago.
        """
        return tuple(self._rows(_LOOK_UPS[subject.kind], _parameters(subject)))

    def mark(self) -> object:
        """Give what differs after every commit of any process: on PostgreSQL by a question that costs less than a look-up.

        :raises DatabaseHangs: the database did not answer a moment ago.
        """
        if not self._is_sqlite:
            return self._rows(look_ups.SNAPSHOT, {})
        return self.commits()

    def states(self, site: int, articles: Sequence[str]) -> dict[str, ThreadState]:
        """Look the states of the threads of *articles* up; one that nobody commented on has version 0.

        :raises DatabaseHangs: the database did not answer a moment ago.
        """
        return _states(articles, self._rows(look_ups.STATES, {"site": site, "articles": list(articles)}))

    def state_within(self, work: UnitOfWork, site: int, article: str) -> ThreadState:
        """Give the state of a thread in the state of the database that *work* sees."""
        rows = work.looked_up(look_ups.STATES, {"site": site, "articles": [article]})
        return _states([article], rows)[article]

    def _rows(self, look_up: Prepared, parameters: dict[str, Any]) -> Rows:
        connection = self._free.get()
        try:
            self._outage.refuse()
            statement = look_up.on(self._engine.dialect)
            if connection is not None:
                try:
                    return statement.rows(connection, parameters)
                except Exception:
                    if not getattr(connection, "broken", False):  # as by PostgreSQL that was restarted since
                        raise
                    connection.close()
            self._outage.refuse()
            connection = self._connect()
            return statement.rows(connection, parameters)
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
        return tuple(work.looked_up(_LOOK_UPS[subject.kind], _parameters(subject)))

    def close(self) -> None:
        """Close everything, after all else that uses the database in this process."""
        for _ in range(CONNECTIONS):
            connection = self._free.get()
            if connection is not None:
                connection.close()
            self._free.put(None)
        self._counter.close()

    def _connect(self) -> Any:
        with waiting.bounded(self._timeout):
            connection = self._new()
        if self._is_sqlite:
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        else:
            connection.autocommit = True
            connection.bound = self._timeout
        self._counter.begin()
        return connection

    def _new(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        return connection


def _states(articles: Sequence[str], rows: Rows) -> dict[str, ThreadState]:
    states = {article: ThreadState() for article in articles}
    states |= {article: ThreadState(version, count, tuple(of)) for article, version, count, *of in rows}
    return states


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
