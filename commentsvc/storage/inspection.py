"""All rows, one after another, for `commentsvc doctor`: as they are stored, and never an address or a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from commentsvc.model import State
from commentsvc.storage.database import reading
from commentsvc.storage.tables import AddressRow, CommentRow, SiteRow, ThreadRow

ROWS_AT_ONCE = 2000


class ThreadState(NamedTuple):
    """A thread's row with what is counted there."""

    id: int
    site_id: int
    site: str
    article: str
    public: int
    last_seq: int
    version: int


class CommentState(NamedTuple):
    """A comment's row without what it says, and of the comment that it answers what its place needs."""

    thread_id: int
    path: str
    id: int
    site_id: int
    seq: int
    root_seq: int
    depth: int
    state: State
    shown: bool
    public_below: int
    is_erased: bool
    says_something: bool
    has_address: bool
    parent_id: int | None
    parent_thread_id: int | None
    parent_seq: int | None
    parent_path: str | None


class Beside(NamedTuple):
    """How many public answers of a comment stand beside it instead of below, as at the last level."""

    thread_id: int
    path: str
    id: int
    answers: int


def one_state() -> Session:
    """A session that shows one state of the database throughout, whatever is posted meanwhile."""
    session = reading()
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":  # on SQLite every transaction does
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return session


def threads(session: Session) -> Iterator[ThreadState]:
    """All threads, by row number."""
    rows = (
        select(
            ThreadRow.id,
            ThreadRow.site_id,
            SiteRow.slug,
            ThreadRow.article,
            ThreadRow.count,
            ThreadRow.last_seq,
            ThreadRow.version,
        )
        .join(SiteRow, ThreadRow.site_id == SiteRow.id)
        .order_by(ThreadRow.id)
    )
    return map(ThreadState._make, session.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)))


def comments(session: Session) -> Iterator[CommentState]:
    """All comments, by thread and in the order of their paths."""
    parent = aliased(CommentRow)
    says_something = or_(CommentRow.text != "", CommentRow.html != "", CommentRow.author_name != "")
    rows = (
        select(
            CommentRow.thread_id,
            CommentRow.path,
            CommentRow.id,
            CommentRow.site_id,
            CommentRow.seq,
            CommentRow.root_seq,
            CommentRow.depth,
            CommentRow.state,
            CommentRow.shown,
            CommentRow.public_below,
            CommentRow.erased_at.is_not(None),
            or_(says_something, CommentRow.author_url.is_not(None)),
            AddressRow.comment_id.is_not(None),
            CommentRow.parent_id,
            parent.thread_id,
            parent.seq,
            parent.path,
        )
        .outerjoin(parent, CommentRow.parent_id == parent.id)
        .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
        .order_by(CommentRow.thread_id, CommentRow.path, CommentRow.id)
    )
    return map(CommentState._make, session.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)))


def beside(session: Session) -> Iterator[Beside]:
    """The comments with public answers that do not stand below them, in the order of `comments`."""
    parent = aliased(CommentRow)
    key = (parent.thread_id, parent.path, parent.id)
    rows = (
        select(*key, func.count())
        .select_from(CommentRow)
        .join(parent, and_(CommentRow.parent_id == parent.id, CommentRow.thread_id == parent.thread_id))
        .where(
            CommentRow.state == State.APPROVED,
            func.substr(CommentRow.path, 1, func.length(parent.path)) != parent.path,
        )
        .group_by(*key)
        .order_by(*key)
    )
    return map(Beside._make, session.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)))
