"""Threads: one row an article. The row is the lock under which a thread changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from commentsvc.storage.tables import ThreadRow

INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread's row without its counters for writing."""

    id: int
    article: str
    title: str | None
    url: str | None
    claimed_title: str | None
    claimed_url: str | None
    open: bool
    count: int
    version: int


def find(session: Session, site_id: int, article: str) -> StoredThread | None:
    """The thread of that article; reading one never makes one."""
    row = session.execute(
        select(*_COLUMNS).where(ThreadRow.site_id == site_id, ThreadRow.article == article)
    ).one_or_none()
    return None if row is None else StoredThread(*row)


def counts(session: Session, site_id: int, articles: Sequence[str]) -> dict[str, int]:
    """How many public comments each article has that has a thread."""
    rows = session.execute(
        select(ThreadRow.article, ThreadRow.count).where(
            ThreadRow.site_id == site_id, ThreadRow.article.in_(articles)
        )
    )
    return {row[0]: row[1] for row in rows}


def lock(session: Session, thread_id: int) -> None:
    """Wait until this transaction alone may change the thread (on SQLite it already does)."""
    session.execute(select(ThreadRow.id).where(ThreadRow.id == thread_id).with_for_update())


def open_for_writing(session: Session, site_id: int, article: str) -> StoredThread:
    """Lock the thread of that article, and make it where there is none."""
    locked = select(*_COLUMNS).where(ThreadRow.site_id == site_id, ThreadRow.article == article)
    if (row := session.execute(locked.with_for_update()).one_or_none()) is None:
        insert: Any = INSERT[session.get_bind().dialect.name]
        session.execute(
            insert(ThreadRow)
            .values(site_id=site_id, article=article, open=True, count=0, last_seq=0, version=0)
            .on_conflict_do_nothing()
        )
        row = session.execute(locked.with_for_update()).one()
    return StoredThread(*row)


def next_seq(session: Session, thread_id: int) -> int:
    """Give the number of the thread's next comment."""
    statement = (
        update(ThreadRow)
        .where(ThreadRow.id == thread_id)
        .values(last_seq=ThreadRow.last_seq + 1)
        .returning(ThreadRow.last_seq)
    )
    return session.execute(statement).scalar_one()


def changed(session: Session, thread_id: int, *, count: int = 0) -> None:
    """Say that what the public sees of the thread changed, and by how many its comments did."""
    session.execute(
        update(ThreadRow)
        .where(ThreadRow.id == thread_id)
        .values(version=ThreadRow.version + 1, count=ThreadRow.count + count)
    )


def claim(session: Session, thread_id: int, title: str | None, url: str | None) -> None:
    """Keep what a posting form says of its page, the first time that one says anything."""
    for column, value in ((ThreadRow.claimed_title, title), (ThreadRow.claimed_url, url)):
        if value is not None:
            session.execute(
                update(ThreadRow).where(ThreadRow.id == thread_id, column.is_(None)).values({column: value})
            )


def describe(session: Session, thread_id: int, **changes: object) -> None:
    """Set `open`, `title` or `url`, as a moderator said."""
    session.execute(update(ThreadRow).where(ThreadRow.id == thread_id).values(**changes))


_COLUMNS = (
    ThreadRow.id,
    ThreadRow.article,
    ThreadRow.title,
    ThreadRow.url,
    ThreadRow.claimed_title,
    ThreadRow.claimed_url,
    ThreadRow.open,
    ThreadRow.count,
    ThreadRow.version,
)
